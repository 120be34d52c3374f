"""Heads hold field lines as they came; whoever asks by name need not know the spelling."""

from __future__ import annotations

import pytest

from moongate.core.message import (
    NO_LENGTH,
    RequestHead,
    RequestSection,
    ResponseHead,
    fields_of,
    lines_without,
    stands_twice,
    value_of,
)

LINES = b"Accept: a\r\nX-Empty:\r\nx-twice: 1\r\nX-TWICE:\t2 \r\nX-Colon: a:b\r\n"


def test_lines_come_apart_in_order_and_spelling() -> None:
    assert fields_of(LINES) == [
        (b"Accept", b"a"),
        (b"X-Empty", b""),
        (b"x-twice", b"1"),
        (b"X-TWICE", b"2"),
        (b"X-Colon", b"a:b"),
    ]
    assert fields_of(b"") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"accept", b"a"),
        (b"x-empty", b""),
        (b"x-twice", b"1"),
        (b"x-colon", b"a:b"),
        (b"x-absent", None),
        (b"accep", None),
        (b"accept:", None),
        (b"", None),
    ],
)
def test_the_first_value_is_found_whatever_the_case(name: bytes, value: bytes | None) -> None:
    assert value_of(LINES, name) == value
    section = RequestSection()
    section.lines = LINES
    assert RequestHead(b"GET", b"/", b"", section).get(name) == value
    response = ResponseHead(200, b"OK", 1)
    response.lines = LINES
    assert response.get(name) == value


def test_a_request_without_fields_has_no_body_and_no_host() -> None:
    section = RequestSection()
    head = RequestHead(b"GET", b"/", b"", section)
    assert head.fields == []
    assert head.host == b""
    assert section.content_length == NO_LENGTH
    assert not section.has_body


@pytest.mark.parametrize("minor", [0, 1])
def test_only_http_1_1_keeps_a_connection_unasked(minor: int) -> None:
    assert ResponseHead(200, b"", minor).keep_alive is (minor == 1)


def test_lines_go_by_their_names_in_any_case() -> None:
    lines = b"A: 1\r\nB:2\r\na: \t3\r\nAB: 4\r\n"
    assert lines_without(lines, frozenset((b"a",))) == b"B:2\r\nAB: 4\r\n"
    assert lines_without(lines, frozenset((b"a", b"b", b"ab"))) == b""
    assert lines_without(lines, frozenset((b"c",))) == lines
    assert lines_without(b"", frozenset((b"a",))) == b""


@pytest.mark.parametrize(("name", "twice"), [(b"x-twice", True), (b"accept", False), (b"x-absent", False)])
def test_a_field_may_stand_twice(name: bytes, twice: bool) -> None:
    assert stands_twice(LINES, name) is twice
