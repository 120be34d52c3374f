"""Kinds as a person writes them."""

from typing import Any

import pytest

from invsys.domain.errors import InvalidValueError
from invsys.domain.interval import parse_instant
from invsys.domain.kind import Kind, Mode
from invsys.service.kind_files import build_kind, read_kinds

TEXT = """
[[kind]]
code = "court"
plural = "courts"
slot = "30m"
anchor = 2026-01-01T00:15:00Z
[[kind]]
code = "room"
plural = "rooms"
attributes_schema = {type = "object", required = ["seats"]}
"""


def test_a_file_of_kinds() -> None:
    court, room = read_kinds(TEXT)
    anchor = parse_instant("2026-01-01T00:15:00Z")
    assert court == Kind("court", "courts", Mode.INTERVAL, 1_800_000_000, anchor)
    assert room == Kind("room", "rooms", attributes_schema={"type": "object", "required": ["seats"]})
    assert read_kinds("") == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[[kind]", "kinds file"),
        ("colour = 1", "kinds file"),
        ("kind = 1", "kinds file"),
        ("[[kind]]\ncode = 1", "kind 1, code"),
        ("[[kind]]\ncode = 'a'\nplural = 'as'\n[[kind]]\ncode = 'B'\nplural = 'bs'", "kind 2, code"),
    ],
)
def test_a_broken_file_says_where(text: str, where: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        read_kinds(text)
    assert refused.value.field == where


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"slot": "30"}, "slot"),
        ({"slot": "-1m"}, "slot"),
        ({"slot": "0m"}, "slot"),
        ({"slot": "1h", "anchor": "noon"}, "anchor"),
        ({"attributes_schema": "x"}, "attributes_schema"),
        ({"slots": "1h"}, "slots"),
    ],
)
def test_a_member_that_is_wrong_is_named(more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        build_kind({"code": "court", "plural": "courts", **more})
    assert refused.value.field == field
