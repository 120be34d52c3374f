"""The reference in docs/config.md is made of the model: every key, what it means, its default.

``GOLDEN=write pytest gateway/tests/docs`` writes it anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from moongate.config.schema import config_schema

PAGE = Path(__file__).parents[3] / "docs" / "config.md"
BLOCK = re.compile(r"(?<=<!-- reference -->\n).*?(?=<!-- /reference -->)", re.DOTALL)


def reference() -> str:
    schema = config_schema()
    queue = [(key, field) for key, field in schema["properties"].items()]
    places: dict[str, list[str]] = {}  # by the name of a model
    while queue:
        path, field = queue.pop(0)
        for name in referenced(field):
            model = the_object(schema["$defs"][name])
            if name not in places and "properties" in model:
                queue += [(f"{path}.{key}", inner) for key, inner in model["properties"].items()]
            places.setdefault(name, []).append(path)
    parts = [section(("the whole",), schema, schema["$defs"])]
    for name, paths in places.items():
        model = the_object(schema["$defs"][name])
        if "properties" in model:
            parts.append(section(tuple(f"`{path}`" for path in paths), model, schema["$defs"]))
    return "\n".join(parts)


def the_object(model: dict[str, Any]) -> dict[str, Any]:
    """The mapping among the forms that a thing may have."""
    return next((each for each in model.get("anyOf", ()) if each.get("type") == "object"), model)


def referenced(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for each in value for name in referenced(each)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"].rpartition("/")[2]] if "$ref" in value else []
    return own + [name for key, each in value.items() if key != "$ref" for name in referenced(each)]


def shown(default: Any) -> str:
    if isinstance(default, list):
        return ", ".join(f"`{each}`" for each in default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def choices(field: dict[str, Any]) -> list[str]:
    """The words that may stand there, alone or in a list, where there are only some."""
    inner = [*field.get("anyOf", ()), *([field["items"]] if "items" in field else [])]
    return [
        *(str(each) for each in field.get("enum", ())),
        *(word for each in inner for word in choices(each)),
    ]


def section(places: tuple[str, ...], model: dict[str, Any], definitions: dict[str, Any]) -> str:
    """``places`` are where the model may stand; a filter may stand in three, which is said once of all."""
    title, *others = (place for place in places if not place.startswith(("`defaults.filters.", "`routes.filters.")))
    rows = []
    for key, field in model["properties"].items():
        text = " ".join(str(field.get("description", "")).split()).replace("|", "\\|")
        if not text:
            text = " ".join(definitions[name].get("description", "") for name in referenced(field)[:1])
        words = dict.fromkeys(choices(field))
        if not all(f"`{word}`" in text or f" {word}" in text for word in words):
            text += f" One of {', '.join(f'`{word}`' for word in words)}."
        default = field.get("default")
        last = "needed" if key in model.get("required", ()) else "" if default is None else shown(default)
        rows.append(f"| `{key}` | {text} | {last} |")
    about = " ".join(str(model.get("description", "")).split())
    if others:
        about += f" The same under {' and '.join(others)}."
    return "\n".join([f"### {title}", "", about, "", "| key | | default |", "| --- | --- | --- |", *rows, ""])


def test_it_says_what_the_model_says() -> None:
    text = PAGE.read_text()
    now = BLOCK.sub(lambda _: "\n" + reference() + "\n", text)
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(now)
        return
    assert text == now, "a key is new or says something else: GOLDEN=write pytest gateway/tests/docs, and read the diff"
