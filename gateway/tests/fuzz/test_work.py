"""The worst that a client can send costs time in proportion to its size, up to every limit.

Time is measured against itself: twice the size may take three times as long, not four. Each case is fed whole and octet
by octet, the smallest of several runs counts, and a case that seems slow is looked at again before it fails: what is
quadratic is so each time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gateway_harness.reading import octets, read_requests, read_response
from moongate.core.errors import MessageRefused
from moongate.protocol.http1.chunked import ChunkedDecoder
from moongate.protocol.http1.framing import connection_options, has_token
from moongate.protocol.http1.target import canonical_path, host_of

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = b"GET / HTTP/1.1\r\nHost: h\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
GROWTH = 3.0
ROUNDS = 6


def chunks(raw: bytes) -> None:
    decoder = ChunkedDecoder()
    decoder.feed(raw)


def requests(raw: bytes) -> None:
    read_requests([raw])


def requests_by_octet(raw: bytes) -> None:
    read_requests(octets(raw))


def response(raw: bytes) -> None:
    read_response([raw])


def response_by_octet(raw: bytes) -> None:
    read_response(octets(raw))


# What is read, how it is made from a size, and the smaller of the two sizes: the larger, twice that, is at a limit.
CASES: dict[str, tuple[Callable[[bytes], object], Callable[[int], bytes], int]] = {
    "one long field": (requests, lambda n: HEAD + b"X-A: " + b"a" * n + b"\r\n\r\n", 4000),
    "many fields": (requests, lambda n: HEAD + b"X-A: 1\r\n" * n + b"\r\n", 49),
    "many fields that connection names": (
        requests,
        lambda n: HEAD + b"Connection: " + b"x-a," * n + b"\r\n" + b"X-A: 1\r\n" * 90 + b"\r\n",
        900,
    ),
    "many connection fields": (
        requests,
        lambda n: HEAD + b"".join(b"Connection: a%d\r\nX-A: 1\r\n" % i for i in range(n)) + b"\r\n",
        24,
    ),
    "many fields that are read": (
        requests,
        lambda n: HEAD + b"".join(b"TE: a%d\r\n" % i for i in range(n)) + b"\r\n",
        49,
    ),
    "many connection options": (requests, lambda n: HEAD + b"Connection: " + b"a,b-c," * n + b"\r\n\r\n", 600),
    "white space in a value": (requests, lambda n: HEAD + b"X-A:" + b" \t" * n + b"\r\n\r\n", 2000),
    "no end": (requests, lambda n: HEAD + b"X-A: " + b"a" * n, 8000),
    "no end, octet by octet": (requests_by_octet, lambda n: HEAD + b"X-A: " + b"a" * n, 8000),
    "short lines, octet by octet": (requests_by_octet, lambda n: HEAD + b"a:\r\n" * n, 2000),
    "a request line without end, octet by octet": (requests_by_octet, lambda n: b"GET /" + b"a" * n, 8000),
    "empty lines before a request": (requests, lambda n: b"\r\n" * n + HEAD + b"\r\n", 60_000),
    "empty lines, octet by octet": (requests_by_octet, lambda n: b"\r\n" * n, 8000),
    "a target of slashes": (requests, lambda n: b"GET " + b"/" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n", 4000),
    "a target of dots": (requests, lambda n: b"GET /" + b"a/../" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n", 800),
    "a target of escapes": (requests, lambda n: b"GET /" + b"%41" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n", 1300),
    "a target that is nearly plain": (
        requests,
        lambda n: b"GET /" + b"a/" * n + b"; HTTP/1.1\r\nHost: h\r\n\r\n",
        2000,
    ),
    "a query": (requests, lambda n: b"GET /?" + b"a=b&" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n", 1000),
    "an absolute form": (requests, lambda n: b"GET http://" + b"h" * n + b"/ HTTP/1.1\r\nHost: h\r\n\r\n", 4000),
    "a version that never comes": (requests, lambda n: b"G" * n + b" / HTTP/1.\r\n\r\n", 8000),
    "spaces in a request line": (requests, lambda n: b"GET" + b" " * n + b"\r\n\r\n", 8000),
    "tiny chunks": (chunks, lambda n: b"1\r\na\r\n" * n, 20_000),
    "tiny chunks, octet by octet": (requests_by_octet, lambda n: CHUNKED + b"1\r\na\r\n" * n, 1000),
    "chunks with extensions": (chunks, lambda n: b"1;a=b\r\na\r\n" * n, 2000),
    "an extension of spaces": (chunks, lambda n: b"1;a" + b" " * n, 120),
    "an extension of semicolons": (chunks, lambda n: b"1" + b";a" * n + b"\r\n", 60),
    "an open quote": (chunks, lambda n: b'1;a="' + b'\\"' * n + b"\r\n", 60),
    "many trailers": (chunks, lambda n: b"0\r\n" + b"a:\r\n" * n, 1000),
    "a trailer, octet by octet": (requests_by_octet, lambda n: CHUNKED + b"0\r\nX-A: " + b"a" * n, 4000),
    "a response head without end, octet by octet": (response_by_octet, lambda n: OK + b"X-A: " + b"a" * n, 8000),
    "a response of short lines, octet by octet": (response_by_octet, lambda n: OK + b"a:\r\n" * n, 2000),
    "a response of many fields": (response, lambda n: OK + b"X-A: 1\r\n" * n + b"\r\n", 49),
    "a response of many connection fields": (
        response,
        lambda n: OK + b"".join(b"Connection: a%d\r\nX-A: 1\r\n" % i for i in range(n)) + b"\r\n",
        24,
    ),
    "a response of tiny chunks": (
        response,
        lambda n: OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * n,
        20_000,
    ),
    "a keep-alive field": (response, lambda n: OK + b"Keep-Alive: " + b"timeout=," * n + b"\r\n\r\n", 800),
    "a path": (canonical_path, lambda n: b"/a" * n, 4000),
    "a path that climbs": (canonical_path, lambda n: b"/a" * n + b"/.." * n, 1600),
    "a path of raw brackets": (canonical_path, lambda n: b"/" + b"[" * n, 4000),
    "a host": (host_of, lambda n: b"a." * n, 60),
    "a host that is too long": (host_of, lambda n: b"a." * n, 4000),
    "connection options": (connection_options, lambda n: b"a-b , " * n, 600),
    "a list of codings": (lambda raw: has_token(raw, b"trailers"), lambda n: b"a;b=c , " * n, 500),
}


@pytest.mark.parametrize("name", CASES)
def test_work_grows_with_size(name: str) -> None:
    read, make, size = CASES[name]
    growth = 0.0
    for _ in range(ROUNDS):
        growth = _growth(read, make(size), make(2 * size))
        if growth <= GROWTH:
            return
    pytest.fail(f"twice the size takes {growth:.1f} times as long, in each of {ROUNDS} measurements")


def _growth(read: Callable[[bytes], object], small: bytes, large: bytes) -> float:
    once = _seconds(read, small, 1)
    count = max(1, int(0.002 / once))  # long enough for the clock
    return min(_seconds(read, large, count) for _ in range(3)) / min(_seconds(read, small, count) for _ in range(3))


def _seconds(read: Callable[[bytes], object], raw: bytes, count: int) -> float:
    started = time.process_time_ns()
    for _ in range(count):
        try:
            read(raw)
        except MessageRefused:
            pass
    return max(time.process_time_ns() - started, 1) / 1e9
