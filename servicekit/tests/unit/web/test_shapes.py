"""Shapes."""

from typing import Annotated, Any

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from servicekit.web.shapes import Limit, NoQuery, Spelled


def test_who_spells_it_otherwise_is_told_the_rule_and_programs_the_pattern() -> None:
    rule = "must be {lower}-case letters"
    word: TypeAdapter[Any] = TypeAdapter(Annotated[str, StringConstraints(max_length=9), Spelled("^[a-z]+$", rule)])
    assert word.json_schema() == {"type": "string", "maxLength": 9, "pattern": "^[a-z]+$"}
    assert word.validate_python("abc") == "abc"
    for wrong in ("", "A", "a\n", "\u0131"):
        with pytest.raises(ValidationError) as caught:
            word.validate_python(wrong)
        assert [(one["type"], one["msg"]) for one in caught.value.errors()] == [("string_pattern_mismatch", rule)]


def test_unknown_members_are_refused_and_limits_hold() -> None:
    with pytest.raises(ValidationError):
        NoQuery.model_validate({"a": 1})
    for wrong in (0, 501):
        with pytest.raises(ValidationError):
            TypeAdapter(Limit).validate_python(wrong)
