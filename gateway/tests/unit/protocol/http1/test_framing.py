"""The small questions that framing comes down to, each with one strict answer."""

from __future__ import annotations

import pytest
from httptools import HttpParserError, HttpRequestParser

from moongate.protocol.http1.framing import connection_options, framing_reason, has_token, is_chunked, length_of


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (b"0", 0),
        (b"5", 5),
        (b"0005", 5),
        (b"9" * 18, 10**18 - 1),
        (b"9" * 19, None),
        (b"0" * 19, None),
        (b"", None),
        (b" 5", None),
        (b"5 ", None),
        (b"+5", None),
        (b"-5", None),
        (b"-0", None),
        (b"0x5", None),
        (b"5_0", None),
        (b"5.0", None),
        (b"5e1", None),
        (b"5,5", None),
        (b"5, 5", None),
        (b"5;", None),
        (b"5\n", None),
        ("٥".encode(), None),
        ("５".encode(), None),
        (b"\xb2", None),
    ],
)
def test_a_length_is_digits_and_not_too_many(value: bytes, length: int | None) -> None:
    assert length_of(value) == length


@pytest.mark.parametrize("value", [b"chunked", b"Chunked", b"CHUNKED"])
def test_chunked_in_any_case(value: bytes) -> None:
    assert is_chunked(value)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"gzip",
        b"xchunked",
        b"chunkedx",
        b"chunked,",
        b",chunked",
        b"chunked, chunked",
        b"gzip, chunked",
        b"chunked, identity",
        b"chunked;q=1",
        b'"chunked"',
        b"\x0bchunked",
        b"chunked\xa0",
        "chun\u212aed".encode(),  # the Kelvin sign, which str.lower() makes a k
        b"chunked\r\n",
    ],
)
def test_nothing_else_is_chunked(value: bytes) -> None:
    assert not is_chunked(value)


@pytest.mark.parametrize(
    ("value", "close", "keep_alive", "names"),
    [
        (b"close", True, False, []),
        (b"Close", True, False, []),
        (b"keep-alive", False, True, []),
        (b"close, keep-alive", True, True, []),
        (b"TE", False, False, [b"te"]),
        (b"X-A,x-b ,\tclose", True, False, [b"x-a", b"x-b"]),
        (b"", False, False, []),
        (b" , ,", False, False, []),
        (b"closed", False, False, [b"closed"]),
    ],
)
def test_connection_options(value: bytes, close: bool, keep_alive: bool, names: list[bytes]) -> None:
    assert connection_options(value) == (close, keep_alive, frozenset(names))
    padded = value + b"," * 64 if value else b"," * 65  # too long to be remembered
    assert connection_options(padded) == (close, keep_alive, frozenset(names))


@pytest.mark.parametrize("value", [b"a b", b"close;x", b'"close"', b"a,b c", b"\xe9", b"x:y", b"(a)", b"/" * 70])
def test_an_option_that_is_no_token_makes_the_field_invalid(value: bytes) -> None:
    assert connection_options(value) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"trailers", True),
        (b"Trailers", True),
        (b"gzip, trailers", True),
        (b"gzip;q=0.5 ,\ttrailers;q=0.5", True),
        (b"trailersx", False),
        (b"x-trailers", False),
        (b"gzip", False),
        (b"", False),
    ],
)
def test_a_token_is_found_in_a_list(value: bytes, found: bool) -> None:
    assert has_token(value, b"trailers") is found


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (b"Content-Length: 1\r\nContent-Length: 1", "bad_cl"),
        (b"Content-Length: x", "bad_cl"),
        (b"Content-Length: 1\r\nTransfer-Encoding: chunked", "cl_te"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 1", "cl_te"),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "bad_te"),
        (b"A\x00: 1", None),
    ],
)
def test_what_llhttp_says_is_told_apart(lines: bytes, reason: str | None) -> None:
    """Its wording may change with a release: this fails then."""
    with pytest.raises(HttpParserError) as caught:
        HttpRequestParser(object()).feed_data(b"POST / HTTP/1.1\r\n" + lines + b"\r\n\r\n")
    assert framing_reason(str(caught.value)) == reason
