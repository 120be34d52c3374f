"""TOML gives the data that YAML gives, and the second pass finds every place."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moongate.config.text import TextError
from moongate.config.toml_text import TomlReader

TEXT = '''# a comment with = and [brackets]
version = 1
access_log = false
trusted_proxies = [
    "10.0.0.0/8",  # office
    "a#b",
]

[services.api]
targets = ["http://a", { url = "http://b", weight = 3 }]
timeouts.connect = "1s"

[[routes]]
name = "one"
match = { path = "/a", "quoted.key" = 'x]' }

[[routes]]
name = """two
lines ["""
[routes.match]
path = "/b"
'''


def test_scalars_become_text() -> None:
    assert TomlReader(TEXT).data == {
        "version": "1",
        "access_log": "false",
        "trusted_proxies": ["10.0.0.0/8", "a#b"],
        "services": {
            "api": {"targets": ["http://a", {"url": "http://b", "weight": "3"}], "timeouts": {"connect": "1s"}}
        },
        "routes": [
            {"name": "one", "match": {"path": "/a", "quoted.key": "x]"}},
            {"name": "two\nlines [", "match": {"path": "/b"}},
        ],
    }


def test_places() -> None:
    places = TomlReader(TEXT, with_places=True).places
    expected = {
        ("version",): ((2, 1), (2, 11)),
        ("trusted_proxies",): ((4, 1), (4, 19)),
        ("trusted_proxies", 1): ((6, 5), (6, 5)),
        ("services", "api"): ((9, 1), (9, 1)),
        ("services", "api", "targets", 1, "weight"): ((10, 44), (10, 53)),
        ("services", "api", "timeouts", "connect"): ((11, 1), (11, 20)),
        ("routes", 0): ((13, 1), (13, 1)),
        ("routes", 0, "match", "quoted.key"): ((15, 24), (15, 39)),
        ("routes", 1): ((17, 1), (17, 1)),
        ("routes", 1, "name"): ((18, 1), (18, 8)),
        ("routes", 1, "match", "path"): ((21, 1), (21, 8)),
    }
    assert {loc: places.get(loc) for loc in expected} == expected


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a = 1\na = 2", (2, 1), "not TOML: this key stands twice"),
        ("a: 1", (1, 2), "not TOML: expected '=' after a key in a key/value pair"),
        ("a = [1,\n", (2, 1), "not TOML: no value here; text stands in quotes"),
        ("a = " + "[" * 5000, (1, 1), "nested too deeply"),
    ],
)
def test_what_stops_the_reading_says_where(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(TextError) as raised:
        TomlReader(text)
    assert (raised.value.place, str(raised.value)) == (place, message)


def locs_of(value: Any, loc: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {loc, *(each for key, item in items for each in locs_of(item, (*loc, key)))}


STRINGS = st.text(alphabet="ab#[]{}=,.'\" \\\n", max_size=6)


def written(value: Any) -> str:
    """TOML's inline form, strings in each of its four ways."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[ " + ",\n # ] comment\n ".join(map(written, value)) + " ]"
    if "'" not in value:
        return f"'''\n{value}'''" if "\n" in value or len(value) % 2 else f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""\n{escaped}"""' if len(value) % 2 else quoted(value)


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


VALUES = st.recursive(
    STRINGS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3), max_leaves=10
)


@settings(max_examples=300)
@given(st.dictionaries(STRINGS, VALUES, max_size=4))
def test_every_value_has_a_place(data: dict[str, Any]) -> None:
    text = "".join(f"{quoted(key)} = {written(value)}\n" for key, value in data.items())
    assert tomllib.loads(text) == data
    reader = TomlReader(text, with_places=True)
    assert locs_of(reader.data) == {(), *reader.places}
    lines = text.split("\n")
    for (line, col), _ in reader.places.values():
        assert lines[line - 1][col - 1 : col] not in ("", " ", "#", "=", ",")
