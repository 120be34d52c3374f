"""The JSON Schema of the config, made of the model: types say what may stand there, docstrings what it means."""

from __future__ import annotations

from typing import Any

from moongate.config.model import Config
from moongate.config.schema_types import DURATION_SCHEMA, OUTSIDE_SCHEMA, SIZE_SCHEMA
from moongate.config.units import format_duration, format_size


def config_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of what a person may write."""
    schema = Config.model_json_schema(mode="validation")
    definitions = schema["$defs"]
    for model in (schema, *definitions.values()):
        for field in model["properties"].values():
            _polish(field)
            _allow_outside(field)
    definitions["TargetConfig"] = {"anyOf": [{"type": "string", "format": "uri"}, definitions["TargetConfig"]]}
    use = definitions["FilterUseConfig"]
    use["properties"].pop("use")
    definitions["FilterUseConfig"] = {"anyOf": [{"type": "string"}, use]}
    for name, short in (("PythonConfig", "string"), ("MethodConfig", "string"), ("AuthenticateConfig", "array")):
        definitions[name] = {"anyOf": [{"type": short}, definitions[name]]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Moongate config",
    }


def _allow_outside(field: dict[str, Any]) -> None:
    """A number, a truth or one of a few words may be ``${NAME}`` as well."""
    for choice in field.get("anyOf", ()):
        _allow_outside(choice)
    if isinstance(field.get("items"), dict):
        _allow_outside(field["items"])
    kinds = {"type", "enum", "minimum", "maximum", "exclusiveMinimum"}
    if field.get("type") in ("integer", "number", "boolean") or ("enum" in field and "const" not in field):
        field["anyOf"] = [{key: field.pop(key) for key in kinds & field.keys()}, OUTSIDE_SCHEMA]


def _holds_models(default: Any) -> bool:
    return isinstance(default, list) and not all(isinstance(each, str) for each in default)


def _polish(field: dict[str, Any]) -> None:
    """No titles that repeat the key; defaults as a person would write them."""
    field.pop("title", None)
    default = field.get("default")
    if "$ref" in field or default is None or isinstance(default, dict) or default == [] or _holds_models(default):
        field.pop("default", None)
    elif field.get("pattern") == DURATION_SCHEMA["pattern"]:
        field["default"] = format_duration(default)
    elif field.get("pattern") == SIZE_SCHEMA["pattern"]:
        field["default"] = format_size(default)
