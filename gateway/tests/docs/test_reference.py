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
    parts = [section("the whole", schema, schema["$defs"])]
    queue = [(key, field) for key, field in schema["properties"].items()]
    seen: set[str] = set()
    while queue:
        path, field = queue.pop(0)
        for name in referenced(field):
            if name not in seen:
                seen.add(name)
                model = the_object(schema["$defs"][name])
                if "properties" not in model:
                    continue
                parts.append(section(f"`{path}`", model, schema["$defs"]))
                queue += [(f"{path}.{key}", inner) for key, inner in model["properties"].items()]
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


def section(title: str, model: dict[str, Any], definitions: dict[str, Any]) -> str:
    rows = []
    for key, field in model["properties"].items():
        text = " ".join(str(field.get("description", "")).split()).replace("|", "\\|")
        if not text:
            text = " ".join(definitions[name].get("description", "") for name in referenced(field)[:1])
        default = field.get("default")
        needed = key in model.get("required", ())
        shown = (
            "needed"
            if needed
            else ""
            if default is None
            else f"`{str(default).lower() if default is False else default}`"
        )
        rows.append(f"| `{key}` | {text} | {shown} |")
    about = " ".join(str(model.get("description", "")).split())
    return "\n".join([f"### {title}", "", about, "", "| key | | default |", "| --- | --- | --- |", *rows, ""])


def test_it_says_what_the_model_says() -> None:
    text = PAGE.read_text()
    now = BLOCK.sub(lambda _: "\n" + reference() + "\n", text)
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(now)
        return
    assert text == now, "a key is new or says something else: GOLDEN=write pytest gateway/tests/docs, and read the diff"
