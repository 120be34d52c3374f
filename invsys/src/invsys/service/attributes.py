"""Attributes against the JSON Schema of their kind, and the room they may take."""

import json
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.jsonschema import DRAFT202012, SchemaResource

from invsys.domain.errors import InvalidValueError
from invsys.domain.kind import Kind
from invsys.domain.resource import MAX_ATTRIBUTES, MAX_FREE_JSON

_ENDLESS = "refers to itself without end"


def check_attributes(kind: Kind, attributes: dict[str, Any]) -> None:
    """Raises InvalidValueError at the first attribute that the kind's schema refuses, and for too much of them."""
    if len(attributes) > MAX_ATTRIBUTES or len(json.dumps(attributes)) > MAX_FREE_JSON:
        detail = f"must be at most {MAX_ATTRIBUTES}, and {MAX_FREE_JSON} characters of JSON"
        raise InvalidValueError("attributes", "too_large", detail)
    if kind.attributes_schema is None:
        return
    try:
        found = next(_validator(json.dumps(kind.attributes_schema)).iter_errors(attributes), None)
    except RecursionError:  # circles inside of members show only where there is such a member
        detail = f"cannot be checked, since the schema of {kind.plural} {_ENDLESS}"
        raise InvalidValueError("attributes", "bad_schema", detail) from None
    if found is not None:
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in found.absolute_path)
        path = "/".join(["attributes", *steps])
        raise InvalidValueError(path, "attribute", found.message[:300])


def check_schema(schema: object) -> None:
    """Raises InvalidValueError when `schema` is no JSON Schema, or refers to another document."""
    try:
        Draft202012Validator.check_schema(schema)  # type: ignore[arg-type]
        root = DRAFT202012.create_resource(schema)
        _check_references(root, Registry().resolver_with_root(root))
        json.dumps(schema, ensure_ascii=False, allow_nan=False).encode()
        _validator(json.dumps(schema)).is_valid({})
    except (TypeError, ValueError) as error:  # a date of TOML, infinity, half of a surrogate pair
        raise InvalidValueError("attributes_schema", "bad_schema", f"holds what JSON has not: {error}") from None
    except RecursionError:
        raise InvalidValueError("attributes_schema", "bad_schema", _ENDLESS) from None
    except SchemaError as error:
        raise InvalidValueError(
            "attributes_schema", "bad_schema", f"is no JSON Schema: {error.message[:300]}"
        ) from None
    except Exception as error:  # referencing raises several, all meaning that a $ref leads nowhere
        if not type(error).__module__.startswith(("referencing", "jsonschema")):
            raise
        raise InvalidValueError("attributes_schema", "bad_schema", f"has a reference to nowhere: {error}") from None


def _check_references(schema: SchemaResource, resolver: Any) -> None:
    """Look up every reference, for most are followed only where an attribute needs them."""
    if isinstance(schema.contents, dict):
        for name in ("$ref", "$dynamicRef"):
            if name in schema.contents:
                resolver.lookup(schema.contents[name])
    for inner in schema.subresources():
        _check_references(inner, resolver.in_subresource(inner))


@lru_cache(maxsize=256)
def _validator(schema: str) -> Draft202012Validator:
    # An empty registry: a schema never makes this service fetch anything.
    return Draft202012Validator(json.loads(schema), registry=Registry())
