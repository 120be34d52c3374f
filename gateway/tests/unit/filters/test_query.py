from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moongate.filters.query import forced, said_twice, taken


@pytest.mark.parametrize(
    ("query", "on"),
    [
        (b"", b"?fleet=acme"),
        (b"?", b"?fleet=acme"),
        (b"?a=1", b"?a=1&fleet=acme"),
        (b"?fleet=other&a=1&fleet=more", b"?a=1&fleet=acme"),
        (b"?fl%65et=other&fleet&a", b"?a&fleet=acme"),
        (b"?Fleet=other", b"?Fleet=other&fleet=acme"),
        (b"?a=1;fleet=other;b&c=1;d", b"?c=1;d&fleet=acme"),
        (b"?a=1;fl%65et=other", b"?fleet=acme"),
    ],
)
def test_a_forced_parameter_is_the_only_one_of_its_name(query: bytes, on: bytes) -> None:
    assert forced(query, {"fleet": "acme"}) == on


def test_names_and_values_are_encoded() -> None:
    assert forced(b"?a+b=1", {"a b": "c&d=\u00e9"}) == b"?a%20b=c%26d%3D%C3%A9"


@given(st.text(st.characters(codec="ascii", min_codepoint=0x21, max_codepoint=0x7E), max_size=40))
def test_whatever_was_asked_the_service_reads_what_was_forced(asked: str) -> None:
    on = forced(b"?" + asked.encode(), {"label": "fleet=acme"})
    read = parse_qsl(on[1:].decode(), keep_blank_values=True, separator="&")
    assert [value for name, value in read if name == "label"] == ["fleet=acme"]
    apart = parse_qsl(on[1:].decode().replace(";", "&"), keep_blank_values=True)  # as others do
    assert [value for name, value in apart if name == "label"] == ["fleet=acme"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (b"", (None, b"")),
        (b"?a=1", (None, b"?a=1")),
        (b"?key=mg_1&a=1", (b"mg_1", b"?a=1")),
        (b"?k%65y=m%67_1", (b"mg_1", b"")),
        (b"?key=1&key=2&b", (b"1", b"?b")),
        (b"?key", (b"", b"")),
    ],
)
def test_a_parameter_is_taken_out(query: bytes, found: tuple[bytes | None, bytes]) -> None:
    assert taken(query, b"key") == found


def test_what_is_said_twice() -> None:
    assert said_twice(b"?a=1&b=2&%61=3", b"a")
    assert not said_twice(b"?a=1&b=a&ab=1", b"a")
    assert not said_twice(b"", b"a")
