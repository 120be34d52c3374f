"""One spelling of a request line; what deviates is told apart only as far as a client can act on it."""

from __future__ import annotations

import pytest

from gateway_harness.reading import Refusal
from moongate.core.errors import MessageRefused
from moongate.core.limits import MAX_LINE_BYTES
from moongate.protocol.http1.request_line import check_unfinished_line, read_line, too_large


@pytest.mark.parametrize(
    ("line", "method", "target", "minor"),
    [
        (b"GET / HTTP/1.1", b"GET", b"/", 1),
        (b"GET / HTTP/1.0", b"GET", b"/", 0),
        (b"OPTIONS * HTTP/1.1", b"OPTIONS", b"*", 1),
        (b"get http://a/?b HTTP/1.1", b"get", b"http://a/?b", 1),
        (b"!#$%&'*+.^_`|~-09 / HTTP/1.1", b"!#$%&'*+.^_`|~-09", b"/", 1),
        (b'GET /"<>\\^`{|} HTTP/1.1', b"GET", b'/"<>\\^`{|}', 1),
    ],
)
def test_a_request_line_comes_apart(line: bytes, method: bytes, target: bytes, minor: int) -> None:
    assert read_line(line + b"\r\nHost: a\r\n\r\n") == (method, target, minor, len(line) + 2)


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1\n",
        b"GET /\r\n",
        b"GET\r\n",
        b"\r\n",
        b"\n",
        b" GET / HTTP/1.1\r\n",
        b"GET  / HTTP/1.1\r\n",
        b"GET /  HTTP/1.1\r\n",
        b"GET / HTTP/1.1 \r\n",
        b"GET\t/\tHTTP/1.1\r\n",
        b"GET / / HTTP/1.1\r\n",
        b"GET /\x00 HTTP/1.1\r\n",
        b"GET /\x7f HTTP/1.1\r\n",
        b"GET /\xe9 HTTP/1.1\r\n",
        b"G@T / HTTP/1.1\r\n",
        b"G\xc9T / HTTP/1.1\r\n",
        b"GET / HTTP/0.9\r\n",
        b"GET / HTTP/1.2\r\n",
        b"GET / HTTP/1.9\r\n",
        b"GET / HTTP/1.10\r\n",
        b"GET / HTTP/1\r\n",
        b"GET / HTTP/1.\r\n",
        b"GET / HTTP/01.1\r\n",
        b"GET / http/1.1\r\n",
        b"GET / HTTPS/1.1\r\n",
        b"GET / ICE/1.0\r\n",
        b"GET / HTTP/10.0\r\n",
        b"GET / HTTP/1.1\r\r\n",
        b"GET / HTTP/\xbb.1\r\n",
        b"\xef\xbb\xbfGET / HTTP/1.1\r\n",
    ],
)
def test_another_spelling_is_malformed(line: bytes) -> None:
    with pytest.raises(MessageRefused) as caught:
        read_line(line + b"Host: a\r\n\r\n")
    assert Refusal.of(caught.value) == (400, "bad_request", "bad_request_line")


@pytest.mark.parametrize("version", [b"HTTP/2.0", b"HTTP/2", b"HTTP/3.0", b"HTTP/9.9"])
def test_a_later_version_is_told_so(version: bytes) -> None:
    for line in (b"GET / ", b"PRI * "):
        with pytest.raises(MessageRefused) as caught:
            read_line(line + version + b"\r\n")
        assert Refusal.of(caught.value) == (505, "version_not_supported", "bad_version")


def test_a_target_may_be_as_long_as_the_limit() -> None:
    longest = b"/" + b"a" * (MAX_LINE_BYTES - 1)
    assert read_line(b"GET " + longest + b" HTTP/1.1\r\n").target == longest
    with pytest.raises(MessageRefused) as caught:
        read_line(b"GET " + longest + b"a HTTP/1.1\r\n")
    assert Refusal.of(caught.value) == (414, "uri_too_long", "target_too_long")


@pytest.mark.parametrize("piece", [b"", b"G", b"GET /a?b ", b"GET / HTTP/1.1\r", b"\r"])
def test_what_may_become_a_line_is_waited_for(piece: bytes) -> None:
    check_unfinished_line(piece)


@pytest.mark.parametrize("piece", [b"\x16\x03\x01\x02\x00", b"GET /\x00", b"GET\t", b"\x80", b"GET /\xe9"])
def test_what_can_not_is_refused_at_once(piece: bytes) -> None:
    with pytest.raises(MessageRefused) as caught:
        check_unfinished_line(piece)
    assert Refusal.of(caught.value) == (400, "bad_request", "bad_request_line")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /" + b"a" * 20_000, 414),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nA: " + b"b" * 9_000, 414),
        (b"GET /" + b"a" * (MAX_LINE_BYTES - 1) + b" HTTP/1.1\r\nA: " + b"b" * 9_000, 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 20_000, 431),
        (b"GET / HTTP/2.0\r\nA: " + b"b" * 20_000, 505),
        (b"GET /\r\nA: " + b"b" * 20_000, 400),
    ],
    ids=["no line end", "target", "fields behind the longest target", "fields", "version", "line"],
)
def test_a_head_beyond_the_limit_is_told_which_part_is_too_long(raw: bytes, status: int) -> None:
    assert too_large(raw).failure.status == status
