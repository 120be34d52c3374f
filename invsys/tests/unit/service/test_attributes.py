"""Attributes against schemas."""

from datetime import date

import pytest

from invsys.domain.errors import InvalidValueError
from invsys.domain.kind import Kind
from invsys.service.attributes import check_attributes, check_schema

NESTED = {"properties": {"size": {"type": "object", "properties": {"length": {"type": "number"}}}}}


def test_a_refused_attribute_is_named_by_its_path() -> None:
    kind = Kind("car", "cars", attributes_schema=NESTED)
    check_attributes(kind, {"size": {"length": 4.2}})
    with pytest.raises(InvalidValueError) as refused:
        check_attributes(kind, {"size": {"length": "long"}})
    assert refused.value.field == "attributes/size/length"
    slashed = Kind("car", "cars", attributes_schema={"properties": {"a/b~c": {"type": "number"}}})
    with pytest.raises(InvalidValueError) as refused:
        check_attributes(slashed, {"a/b~c": "x"})
    assert refused.value.field == "attributes/a~1b~0c"


def test_without_a_schema_anything_goes() -> None:
    check_attributes(Kind("car", "cars"), {"a": [1, {"b": None}]})


@pytest.mark.parametrize("attributes", [{f"{number}": 1 for number in range(101)}, {"a": "x" * 65_536}])
def test_too_much_is_refused_with_or_without_a_schema(attributes: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        check_attributes(Kind("car", "cars"), attributes)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "wat"},
        [],
        7,
        {"$ref": "http://127.0.0.1:1/schema.json"},
        {"$ref": "#/$defs/none"},
        {"properties": {"size": {"$ref": "#/$defs/none"}}},
        {"properties": {"size": {"items": {"anyOf": [{"$dynamicRef": "other.json"}]}}}},
        {"$ref": "#"},
        {"const": date(2027, 1, 31)},
        {"maximum": float("inf")},
        {"description": "\ud800"},
    ],
)
def test_a_schema_that_cannot_work_is_refused(schema: object) -> None:
    with pytest.raises(InvalidValueError):
        check_schema(schema)


def test_references_that_lead_somewhere_are_fine() -> None:
    tree = {"properties": {"parts": {"items": {"$ref": "#tree"}}}, "additionalProperties": False, "$anchor": "tree"}
    schema = {"properties": {"engine": {"$ref": "#/$defs/tree"}}, "$defs": {"tree": tree}}
    check_schema(schema)
    check_schema(True)
    kind = Kind("car", "cars", attributes_schema=schema)
    check_attributes(kind, {"engine": {"parts": [{"parts": []}]}})
    with pytest.raises(InvalidValueError) as refused:
        check_attributes(kind, {"engine": {"parts": [{"part": []}]}})
    assert refused.value.field == "attributes/engine/parts/0"


def test_a_schema_that_goes_in_circles_refuses_and_breaks_nothing() -> None:
    circle = {"properties": {"size": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}
    kind = Kind("car", "cars", attributes_schema=circle)
    check_attributes(kind, {"length": 1})
    with pytest.raises(InvalidValueError, match="refers to itself without end"):
        check_attributes(kind, {"size": 1})
