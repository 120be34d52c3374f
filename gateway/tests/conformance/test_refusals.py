"""What is refused, with the exact status, code and reason; nothing of it reaches the service.

The rows are those of the threat table: framing and smuggling, paths, hosts, methods, and sizes at their limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from conformance.answers import answers_in, log_lines
from conformance.corpus.case import HOST, SMUGGLED, get, post

if TYPE_CHECKING:
    from conformance.wire import Wire

CL = b"Content-Length: 5\r\n"
TE = b"Transfer-Encoding: chunked\r\n"


class Row(NamedTuple):
    """Messages that are refused alike."""

    status: int
    code: str
    reason: str
    messages: tuple[bytes, ...]


def bad(reason: str, *messages: bytes) -> Row:
    return Row(400, "bad_request", reason, messages)


def line(text: bytes) -> bytes:
    return get(line=text + b"\r\n")


TABLE: dict[str, list[Row]] = {
    "length and coding": [
        bad(
            "cl_te",
            post(CL, TE, body=b"0\r\n\r\n"),
            post(TE, CL, body=b"0\r\n\r\n"),
            post(TE.upper(), b"X-A: 1\r\n", CL.lower(), body=b"0\r\n\r\n"),
            post(b"transfer-encoding:chunked\r\ncontent-length:0\r\n", body=b"0\r\n\r\n"),
        ),
        bad(
            "bad_te",
            post(TE, body=b"0\r\n\r\n", line=b"POST / HTTP/1.0\r\n"),
            post(b"Transfer-Encoding: gzip\r\n", line=b"POST / HTTP/1.0\r\n"),
        ),
        bad("cl_te", post(CL, TE, body=b"0\r\n\r\n", line=b"POST / HTTP/1.0\r\n")),
    ],
    "content length": [
        bad(
            "bad_cl",
            post(CL, CL, body=b"hello"),
            post(b"Content-Length: 5, 5\r\n", body=b"hello"),
            post(b"Content-Length: +5\r\n", body=b"hello"),
            post(b"Content-Length: 5 5\r\n", body=b"hello"),
            post(b"Content-Length: 0x5\r\n", body=b"hello"),
            post(b"Content-Length: 5_0\r\n", body=b"hello"),
            post(b"Content-Length:\r\n", body=b"hello"),
            post(b"Content-Length: 1000000000000000000\r\n", body=b"hello"),
        )
    ],
    "transfer coding": [
        Row(
            501,
            "transfer_coding_unknown",
            "bad_te",
            (
                post(b"Transfer-Encoding: xchunked\r\n"),
                post(b"Transfer-Encoding: chunked, identity\r\n"),
                post(b"Transfer-Encoding: gzip, chunked\r\n", body=b"0\r\n\r\n"),
                post(b"Transfer-Encoding: chun\xe2\x84\xaaed\r\n"),
                post(b"Transfer-Encoding: chunked\xa0\r\n"),
                post(TE, TE, body=b"0\r\n\r\n"),
            ),
        ),
        bad(
            "bad_header",
            post(b"Transfer-Encoding: \x0bchunked\r\n"),
            post(b"Transfer-Encoding:\r\n chunked\r\n"),
            post(b"Transfer-Encoding : chunked\r\n"),
        ),
    ],
    "header lines": [
        bad(
            "bad_header",
            get(b"X-A: 1\nX-B: 2\r\n"),
            get(b"X-A: 1\rX-B: 2\r\n"),
            get(b"X-A: \x00\r\n"),
            get(b"X-A: \x01\r\n"),
            get(b"X-A: \x7f\r\n"),
            get(b"X-A: 1\r\n 2\r\n"),
            get(b"X-A\r\n"),
            get(b"X-A : 1\r\n"),
            get(b": 1\r\n"),
            get(host=b" Host: corpus.test\r\n"),
            get(b"X-A: 1\r\n\rX-B: 2\r\n"),
        ),
        bad("bad_request_line", b"GET / HTTP/1.1\n" + HOST + b"\r\n", b"\n" + get()),
        bad("bad_connection", get(b"Connection: a b\r\n")),
    ],
    "expectation": [
        Row(417, "expectation_failed", "bad_expect", (get(b"Expect: 200-ok\r\n"), post(CL, b"Expect: x\r\n")))
    ],
    "version": [
        bad(
            "bad_request_line",
            b"GET /\n",
            line(b"GET /"),
            line(b"GET / HTTP/0.9"),
            line(b"GET / HTTP/1.2"),
            line(b"GET / HTTP/1.9"),
            line(b"GET / http/1.1"),
        ),
        Row(505, "version_not_supported", "bad_version", (line(b"GET / HTTP/2.0"), line(b"PRI * HTTP/2.0"))),
    ],
    "path": [
        bad(
            "bad_path",
            line(b"GET /a%2fb HTTP/1.1"),
            line(b"GET /a%5Cb HTTP/1.1"),
            line(b"GET /a%00 HTTP/1.1"),
            line(b"GET /a%zz HTTP/1.1"),
            line(b"GET /a/../../b HTTP/1.1"),
            line(b"GET /a/..;/b HTTP/1.1"),
            line(b"GET /a\\b HTTP/1.1"),
        ),
        bad("bad_request_line", line(b"GET /caf\xc3\xa9 HTTP/1.1")),
        bad("bad_target", line(b"GET /a#b HTTP/1.1"), line(b"GET a HTTP/1.1"), line(b"GET * HTTP/1.1")),
    ],
    "host": [
        bad(
            "bad_host",
            get(host=b""),
            get(host=HOST + HOST),
            get(host=HOST + b"host: evil.test\r\n"),
            get(host=b"Host: a@corpus.test\r\n"),
            get(host=b"Host: corpus.test/a\r\n"),
            get(host=b"Host: corpus.test?a\r\n"),
            get(host=b"Host: corpus.test#a\r\n"),
            get(host=b"Host: corpus.test\\a\r\n"),
            get(host=b"Host: corpus.test:x\r\n"),
            get(host=b"Host: corpus.test:65536\r\n"),
        ),
        bad("host_mismatch", line(b"GET http://evil.test/ HTTP/1.1"), line(b"GET http://a@corpus.test/ HTTP/1.1")),
    ],
    "method": [
        Row(
            405,
            "method_not_allowed",
            "method_refused",
            (line(b"TRACE / HTTP/1.1"), b"CONNECT corpus.test:1 HTTP/1.1\r\nHost: corpus.test:1\r\n\r\n"),
        ),
        Row(405, "method_not_allowed", "unknown_method", (line(b"get / HTTP/1.1"), line(b"BREW / HTTP/1.1"))),
    ],
    "size": [
        Row(414, "uri_too_long", "target_too_long", (line(b"GET /" + b"a" * 8192 + b" HTTP/1.1"),)),
        Row(431, "headers_too_large", "field_too_long", (get(b"X-A: " + b"a" * 8188 + b"\r\n"),)),
        Row(431, "headers_too_large", "head_too_large", (get(*[b"X-A: " + b"a" * 8000 + b"\r\n"] * 3),)),
        Row(431, "headers_too_large", "too_many_fields", (get(b"X-A: 1\r\n" * 100),)),
        Row(
            413,
            "body_too_large",
            "content_length",
            (post(b"Content-Length: 1001\r\n", line=b"POST /small/a HTTP/1.1\r\n"),),
        ),
    ],
}


@pytest.mark.parametrize("name", TABLE)
def test_refusals(name: str, wire: Wire) -> None:
    expected = []
    for row in TABLE[name]:
        for message in row.messages:
            with wire.nothing_arrives():
                [answer] = answers_in(wire.talk(message + SMUGGLED))
            assert (answer.status, answer.code) == (row.status, row.code), message
            assert answer.closes
            assert answer.value(b"content-type") == b"application/problem+json"
            assert (answer.value(b"allow") is not None) is (row.status == 405), "RFC 9110 section 15.5.6"
            expected.append((answer, row.reason, message))
    lines = log_lines(wire, [answer for answer, _, _ in expected])
    for line, (answer, reason, message) in zip(lines, expected, strict=True):
        assert (line["status"], line["reason"], line["target"]) == (answer.status, reason, None), message


def test_the_same_message_octet_by_octet(wire: Wire) -> None:
    for row in TABLE["header lines"] + TABLE["content length"]:
        for message in row.messages[:3]:
            with wire.nothing_arrives():
                pieces = [message[place : place + 1] for place in range(len(message))]
                with wire.connect() as client:
                    wire.send_until_closed(client, pieces)
                    answer = wire.read_to_end(client)
            assert [one.status for one in answers_in(answer)] == [row.status]


CHUNKED = post(TE)
BAD_CHUNKS = [
    b"5 \r\nhello\r\n",
    b"0x5\r\nhello\r\n",
    b"5\nhello\r\n",
    b"5\r\nhelloXX",
    b"5;a\rb\r\nhello\r\n",
    b"5;a=\r\n",
]


@pytest.mark.parametrize("body", [*BAD_CHUNKS, b"1;" + b"a" * 300, b"11111111111111111\r\n"], ids=repr)
def test_a_bad_chunk_ends_request_and_connections(body: bytes, wire: Wire) -> None:
    with wire.nothing_arrives(unless_unfinished=True):
        [answer] = answers_in(wire.talk(CHUNKED + b"1\r\na\r\n" + body + SMUGGLED))
        assert (answer.status, answer.code, answer.closes) == (400, "bad_request", True)
    [line] = log_lines(wire, [answer])
    assert line["reason"] == "bad_chunk"


def test_a_body_of_the_largest_size_and_one_octet_more(wire: Wire) -> None:
    small = b"POST /small/a HTTP/1.1\r\n"
    close = b"Connection: close\r\n"
    body = b"a" * 1000
    for message in (
        post(close, b"Content-Length: 1000\r\n", body=body, line=small),
        post(close, TE, body=b"3e8\r\n" + body + b"\r\n0\r\n\r\n", line=small),
    ):
        with wire.origin.expect(1) as requests:
            assert [answer.status for answer in answers_in(wire.talk(message))] == [200]
        assert requests[0].body == body
    with wire.nothing_arrives(unless_unfinished=True):
        chunked = post(TE, body=b"3e8\r\n" + body + b"\r\n1\r\nb\r\n0\r\n\r\n", line=small)
        [answer] = answers_in(wire.talk(chunked + SMUGGLED))
        assert (answer.status, answer.code, answer.closes) == (413, "body_too_large", True)


def test_a_head_of_the_largest_size_and_one_octet_more(wire: Wire) -> None:
    start = get(b"Connection: close\r\n", b"X-A: " + b"a" * 8000 + b"\r\n", b"X-B: " + b"b" * 4000 + b"\r\n", b"X-C: ")[
        :-2
    ]
    longest = start + b"b" * (16 * 1024 - len(start) - 4)
    with wire.origin.expect(1):
        assert [answer.status for answer in answers_in(wire.talk(longest + b"\r\n\r\n"))] == [200]
    with wire.nothing_arrives():
        assert [answer.status for answer in answers_in(wire.talk(longest + b"b\r\n\r\n"))] == [431]
