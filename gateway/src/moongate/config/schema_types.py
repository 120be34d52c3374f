"""JSON Schemas of values that are written in another form than programs keep them in."""

from __future__ import annotations

from typing import Any, Final

_OUTSIDE: Final = r"\$\{.*\}"  # a value put in from outside is judged when it is there

DURATION_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": rf"^(?:(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))+|{_OUTSIDE})$",
    "examples": ["500ms", "30s", "2m"],
}
SHARE_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": rf"^(?:[0-9]+(?:\.[0-9]+)? ?%|{_OUTSIDE})$",
    "examples": ["5%", "0.5%"],
}
SIZE_SCHEMA: Final[dict[str, Any]] = {
    "type": ["string", "integer"],
    "pattern": rf"^(?:[0-9]+(?:\.[0-9]+)? ?(?:B|KB|MB|GB|KiB|MiB|GiB)?|unlimited|{_OUTSIDE})$",
    "minimum": 1,
    "examples": ["10MiB", "512KiB", "unlimited"],
}
OUTSIDE_SCHEMA: Final[dict[str, Any]] = {"type": "string", "pattern": f"^{_OUTSIDE}$"}
VALUE_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {
            "type": "object",
            "properties": {"present": {"const": True}},
            "required": ["present"],
            "additionalProperties": False,
        },
    ]
}
LIST_OR_TEXT_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [{"type": "array", "items": {"type": "string"}, "minItems": 1}, {"type": "string"}]
}
TEXTS_SCHEMA: Final[dict[str, Any]] = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}
UPGRADE_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [{"type": "array", "items": {"enum": ["websocket"]}}, {"enum": ["websocket"]}]
}
