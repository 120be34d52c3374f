"""Heads of responses: read as strictly as requests, and remembered heads mean what they meant."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from gateway_harness.reading import Refusal
from moongate.core.errors import MessageRefused
from moongate.core.limits import MAX_FIELDS
from moongate.core.message import NO_LENGTH, Field, fields_of
from moongate.protocol.http1.response_head import ResponseHeadParser


class Read(NamedTuple):
    status: int = 200
    reason: bytes = b"OK"
    minor: int = 1
    fields: tuple[Field, ...] = ()
    content_length: int = NO_LENGTH
    chunked: bool = False
    keep_alive: bool = True
    idle_seconds: int = 0


def read(raw: bytes) -> Read | Refusal:
    """Twice: by httptools where a name is new, and recognized."""
    results: list[Read | Refusal] = []
    for _ in range(2):
        try:
            head = ResponseHeadParser().read(raw)
        except MessageRefused as refused:
            results.append(Refusal.of(refused))
            continue
        results.append(
            Read(
                head.status,
                head.reason,
                head.minor,
                tuple(fields_of(head.lines)),
                head.content_length,
                head.chunked,
                head.keep_alive,
                head.idle_seconds,
            )
        )
    assert results[0] == results[1]
    return results[0]


def head_of(*lines: bytes, line: bytes = b"HTTP/1.1 200 OK") -> Read | Refusal:
    return read(b"\r\n".join((line, *lines)) + b"\r\n\r\n")


def bad(reason: str) -> Refusal:
    return Refusal(502, "upstream_protocol_error", reason)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"HTTP/1.1 200 OK", Read()),
        (b"HTTP/1.1 200 ", Read(reason=b"")),
        (b"HTTP/1.1 200", Read(reason=b"")),
        (b"HTTP/1.0 404 Not  Found\t!", Read(404, b"Not  Found\t!", 0, keep_alive=False)),
        (b"HTTP/1.1 599 \xe9\xff", Read(599, b"\xe9\xff")),
        (b"HTTP/1.1 100 Continue", Read(100, b"Continue")),
        (b"HTTP/1.1 200 " + b"a" * 256, Read(reason=b"a" * 256)),
    ],
)
def test_status_lines(line: bytes, expected: Read) -> None:
    assert head_of(line=line) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/1.2 200 OK",
        b"HTTP/2 200 OK",
        b"HTTP/0.9 200 OK",
        b"http/1.1 200 OK",
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 000 OK",
        b"HTTP/1.1 099 OK",
        b"HTTP/1.1 600 OK",
        b"HTTP/1.1 2x0 OK",
        b"HTTP/1.1 -20 OK",
        b"HTTP/1.1\t200 OK",
        b"HTTP/1.1 200\tOK",
        b"HTTP/1.1 200OK",
        b" HTTP/1.1 200 OK",
        b"\r\nHTTP/1.1 200 OK",
        b"HTTP/1.1 200 \x00",
        b"HTTP/1.1 200 \x7f",
        b"HTTP/1.1 200 a\rb",
        b"HTTP/1.1 200 a\nb",
        b"HTTP/1.1 200 " + b"a" * 257,
        b"ICY 200 OK",
        b"<html>",
        b"",
    ],
    ids=repr,
)
def test_bad_status_lines(line: bytes) -> None:
    assert head_of(b"Content-Length: 0", line=line) == bad("bad_status_line")


def test_fields_pass_in_order_and_spelling() -> None:
    lines = (b"Set-Cookie: a", b"set-cookie:b", b"X_Under: 1", b"X-Empty:", b"X-High: \xe9 ")
    expected = (
        (b"Set-Cookie", b"a"),
        (b"set-cookie", b"b"),
        (b"X_Under", b"1"),
        (b"X-Empty", b""),
        (b"X-High", b"\xe9"),
    )
    assert head_of(*lines) == Read(fields=expected)


def test_what_is_about_the_connection_ends_here() -> None:
    lines = (
        b"Keep-Alive: timeout=5, max=9",
        b"Proxy-Authenticate: x",
        b"Proxy-Connection: keep-alive",
        b"Upgrade: h2c",
        b"X-Request-Id: stolen",
        b"TE: x",
        b"X-A: 1",
        b"X-B: 2",
        b"Connection: X-A",
    )
    assert head_of(*lines) == Read(fields=((b"X-B", b"2"),), idle_seconds=5)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"timeout=5", 5),
        (b"max=3, timeout=12", 12),
        (b"TIMEOUT=7", 7),
        (b"x", 0),
        (b"timeout=", 0),
        (b"xtimeout=5", 0),
        (b"timeout=-1", 0),
        (b'timeout="5"', 0),
    ],
)
def test_how_long_the_service_keeps_an_idle_connection(value: bytes, seconds: int) -> None:
    assert head_of(b"Keep-Alive: " + value) == Read(idle_seconds=seconds)


@pytest.mark.parametrize(
    ("lines", "minor", "keep_alive"),
    [
        ([b"Connection: close"], 1, False),
        ([b"Connection: keep-alive"], 1, True),
        ([b"Connection: keep-alive"], 0, True),
        ([b"Connection: Keep-Alive, Close"], 0, False),
        ([b"Connection: keep-alive", b"Connection: close"], 1, False),
        ([], 0, False),
    ],
)
def test_connection_persistence(lines: list[bytes], minor: int, keep_alive: bool) -> None:
    assert head_of(*lines, line=b"HTTP/1.%d 200 OK" % minor) == Read(minor=minor, keep_alive=keep_alive)


def test_framing_fields() -> None:
    assert head_of(b"Content-Length: 5 ") == Read(content_length=5)
    assert head_of(b"Content-Length: 0") == Read(content_length=0)
    assert head_of(b"Transfer-Encoding: Chunked") == Read(chunked=True)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([b"Content-Length: 5", b"Content-Length: 5"], "bad_cl"),
        ([b"Content-Length: 5", b"content-length: 6"], "bad_cl"),
        ([b"Content-Length: 5, 5"], "bad_cl"),
        ([b"Content-Length: +5"], "bad_cl"),
        ([b"Content-Length: -1"], "bad_cl"),
        ([b"Content-Length:"], "bad_cl"),
        ([b"Content-Length: " + b"9" * 19], "bad_cl"),
        ([b"Transfer-Encoding: gzip"], "bad_te"),
        ([b"Transfer-Encoding: gzip, chunked"], "bad_te"),
        ([b"Transfer-Encoding: chunked, gzip"], "bad_te"),
        ([b"Transfer-Encoding: identity"], "bad_te"),
        ([b"Transfer-Encoding:"], "bad_te"),
        ([b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"], "bad_te"),
        ([b"Transfer-Encoding: chunked", b"Content-Length: 5"], "cl_te"),
        ([b"Content-Length: 5", b"Transfer-Encoding: chunked"], "cl_te"),
        ([b"Connection: a b"], "bad_connection"),
    ],
    ids=repr,
)
def test_bad_framing(lines: list[bytes], reason: str) -> None:
    assert head_of(*lines) == bad(reason)
    assert head_of(b"X-Never-Before-%d: 1" % id(lines), *lines) == bad(reason)


def test_http_1_0_has_no_transfer_encoding() -> None:
    assert head_of(b"Transfer-Encoding: chunked", line=b"HTTP/1.0 200 OK") == bad("bad_te")


@pytest.mark.parametrize(
    "line",
    [
        b"A",
        b"A : 1",
        b" A: 1",
        b": 1",
        b"A\x00: 1",
        b"A: \x00",
        b"A: \x0b",
        b"A: \x7f",
        b"A: 1\nB: 2",
        b"A: 1\rB: 2",
        b"A: 1\r\n folded",
        b"A: 1\r",
        b"\rA: 1",
        b"A(: 1",
        b"\xe9: 1",
    ],
    ids=repr,
)
def test_malformed_fields(line: bytes) -> None:
    head_of(b"A: 1", b"B: 2")  # the names are known now
    assert head_of(line) == bad("bad_response_head")
    assert head_of(b"B: 1", line, b"A: 2") == bad("bad_response_head")


def test_as_many_fields_as_the_limit() -> None:
    for line in (b"A: 1", b"X-Not-Seen-In-A-Response: 1"):
        assert isinstance(head_of(*[line] * MAX_FIELDS), Read)
        assert head_of(*[line] * (MAX_FIELDS + 1)) == bad("too_many_fields")


def test_the_same_head_again_is_the_same_object_until_another_comes() -> None:
    parser = ResponseHeadParser()
    one, other = b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: 2\r\n\r\n"
    first = parser.read(one)
    assert parser.read(one) is first
    assert parser.read(other).get(b"a") == b"2"
    assert parser.read(one).get(b"a") == b"1"


def test_a_refused_head_is_refused_again() -> None:
    parser = ResponseHeadParser()
    for _ in range(2):
        with pytest.raises(MessageRefused):
            parser.read(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")
