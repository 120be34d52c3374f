"""Requests from octets: the same whole, cut in two anywhere, octet by octet, and with another request behind."""

from __future__ import annotations

import pytest

from gateway_harness.reading import ReadRequest, Refusal, cuts, octets, read_requests
from moongate.core.limits import MAX_FIELDS, MAX_HEAD_BYTES, MAX_LINE_BYTES
from moongate.protocol.http1.request import Phase, RequestReader

NEXT = b"DELETE /next?a HTTP/1.1\r\nHost: h\r\nX-Next: 1\r\n\r\n"

GOOD = {
    "plain": b"GET /a?b HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
    "http 1.0": b"GET / HTTP/1.0\r\n\r\n",
    "http 1.0 kept alive": b"GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
    "close": b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    "absolute form": b"GET http://h:1/a?b HTTP/1.1\r\nHost: h:1\r\n\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    "no white space": b"GET / HTTP/1.1\r\nHost:h\r\nA:\r\nB:1\r\n\r\n",
    "much white space": b"GET / HTTP/1.1\r\nHost: \t h\t \r\nA:  \r\nB: 1 2\t3 \r\n\r\n",
    "high octets": b"GET / HTTP/1.1\r\nHost: h\r\nA: \xe9\xff\x80\r\n\r\n",
    "length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\nhello\r\n\r\nGET",
    "no length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    "a body that looks like a request": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 27\r\n\r\n"
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "chunked": b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;a=b\r\nhello\r\n3\r\n\r\n\r\r\n0\r\nX-Sum: 1\r\n\r\n",
    "chunked and empty": b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "expectation": b"PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    "upgrade": b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
    "body on GET": b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_request_means_the_same_however_it_is_cut(name: str) -> None:
    raw = GOOD[name]
    [whole] = read_requests([raw])
    assert isinstance(whole, ReadRequest)
    assert whole.is_whole
    for pieces in cuts(raw):
        assert read_requests(pieces) == [whole]
    [following] = read_requests([NEXT])
    for pieces in cuts(raw + NEXT):
        assert read_requests(pieces) == [whole, following]
    for pieces in cuts(b"\r\n" + raw + b"\r\n\r\n" + NEXT):
        assert read_requests(pieces) == [whole, following]


def test_bodies_are_what_was_sent() -> None:
    for name, body in (
        ("length", b"hello\r\n\r\nGET"),
        ("chunked", b"hello\r\n\r"),
        ("chunked and empty", b""),
        ("expectation", b"x"),
        ("body on GET", b"abc"),
        ("no length", b""),
    ):
        [request] = read_requests([GOOD[name]])
        assert isinstance(request, ReadRequest)
        assert request.body == body
    [chunked] = read_requests([GOOD["chunked"]])
    assert isinstance(chunked, ReadRequest)
    assert chunked.trailers == ((b"X-Sum", b"1"),)


HOST = b"Host: h\r\n"
BAD = {
    b"GET /\r\n\r\n": 400,
    b"GET / HTTP/1.1\nHost: h\n\n": 400,
    b"\nGET / HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"\rGET / HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b" GET / HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"\x00GET / HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"GET  / HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"GET / HTTP/1.1 \r\nHost: h\r\n\r\n": 400,
    b"GET / HTTP/1.2\r\nHost: h\r\n\r\n": 400,
    b"GET /\xe9 HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"GET /%2f HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"GET /../ HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"GET /#a HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"GET / HTTP/2.0\r\nHost: h\r\n\r\n": 505,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 505,
    b"BREW / HTTP/1.1\r\nHost: h\r\n\r\n": 405,
    b"get / HTTP/1.1\r\nHost: h\r\n\r\n": 405,
    b"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n": 405,
    b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n": 405,
    b"GET / HTTP/1.1\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n": 400,
    b"GET http://a/ HTTP/1.1\r\nHost: h\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\n 2\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: h\r\nA : 1\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: h\r\nA\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: h\r\nA: \x00\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: h\r\nA: 1\nB: 2\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: h\r\n\rX\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\n Host: h\r\n\r\n": 400,
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx": 400,
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\nx": 400,
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n": 501,
    b"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
    b"POST / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n": 417,
}


@pytest.mark.parametrize(("raw", "status"), BAD.items(), ids=[repr(raw) for raw in BAD])
def test_a_refusal_is_the_same_however_it_is_cut(raw: bytes, status: int) -> None:
    [whole] = read_requests([raw])
    assert isinstance(whole, Refusal)
    assert whole.status == status
    for pieces in cuts(raw):
        assert read_requests(pieces) == [whole]
    for pieces in cuts(raw + NEXT):
        assert read_requests(pieces) == [whole]  # nothing behind it is read
    [following] = read_requests([NEXT])
    for pieces in cuts(NEXT + raw):
        assert read_requests(pieces) == [following, whole]


@pytest.mark.parametrize("body", [b"x\r\n", b"1\r\nxy", b"0\r\nA\r\n\r\n", b"1;\r\n", b"1\n"], ids=repr)
def test_a_refusal_within_a_chunked_body(body: bytes) -> None:
    head = b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"
    for pieces in cuts(head + body):
        request, refusal = read_requests(pieces)
        assert isinstance(request, ReadRequest)
        assert not request.is_whole
        assert b"ax".startswith(request.body)  # what came in the same read as the refusal is dropped
        assert isinstance(refusal, Refusal)
        assert refusal.status == 400


@pytest.mark.parametrize(
    "beginning",
    [
        b"\x16\x03\x01",
        b"GET /\n",
        b"GET\t",
        b"GET /\r\n",
        b"GET / HTTP/1.2\r\n",
        b"GET / HTTP/1.1\r\nA: 1\n",
        b"GET / HTTP/1.1\r\nA\x00",
        b"GET / HTTP/1.1\r\nA: \rB",
        b"\x80",
        b"GET / HTTP/2.0\r\n",
        b"\n",
    ],
    ids=repr,
)
def test_what_can_not_become_a_request_is_refused_before_its_end(beginning: bytes) -> None:
    for pieces in cuts(beginning):
        [refusal] = read_requests(pieces)
        assert isinstance(refusal, Refusal)


@pytest.mark.parametrize(
    "beginning", [b"G", b"GET / HTTP/1.1\r", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: h\r\n\r"]
)
def test_what_may_become_one_is_waited_for(beginning: bytes) -> None:
    for pieces in cuts(beginning):
        assert read_requests(pieces) == []


def both_ways(raw: bytes) -> ReadRequest | Refusal:
    """Whole and octet by octet, which must agree."""
    [whole] = read_requests([raw])
    assert read_requests(octets(raw)) == [whole]
    assert read_requests([raw[:9000], raw[9000:]]) == [whole]
    return whole


def filled_head(size: int) -> bytes:
    """A head of ``size`` octets in fields of less than 8 KiB."""
    head = b"GET / HTTP/1.1\r\nHost: h\r\nA: " + b"a" * 6000 + b"\r\nB: " + b"b" * 6000 + b"\r\nC: "
    return head + b"c" * (size - len(head) - 4) + b"\r\n\r\n"


def test_a_head_as_large_as_the_limit() -> None:
    assert isinstance(both_ways(filled_head(MAX_HEAD_BYTES)), ReadRequest)
    assert both_ways(filled_head(MAX_HEAD_BYTES + 1)) == Refusal(431, "headers_too_large", "head_too_large")


def test_empty_lines_before_a_request_do_not_count() -> None:
    assert isinstance(both_ways(b"\r\n" * 10_000 + filled_head(MAX_HEAD_BYTES)), ReadRequest)


def test_a_target_as_long_as_the_limit() -> None:
    longest = b"/" + b"a" * (MAX_LINE_BYTES - 1)
    assert isinstance(both_ways(b"GET " + longest + b" HTTP/1.1\r\n" + HOST + b"\r\n"), ReadRequest)
    refused = Refusal(414, "uri_too_long", "target_too_long")
    assert both_ways(b"GET " + longest + b"a HTTP/1.1\r\n" + HOST + b"\r\n") == refused
    assert both_ways(b"GET " + longest * 4 + b" HTTP/1.1\r\n" + HOST + b"\r\n") == refused
    assert both_ways(b"GET " + longest * 4) == refused


def test_a_field_line_as_long_as_the_limit() -> None:
    for name in (b"A", b"X-Not-Seen-Before"):
        longest = name + b": " + b"a" * (MAX_LINE_BYTES - len(name) - 2)
        head = b"GET / HTTP/1.1\r\n" + HOST
        assert isinstance(both_ways(head + longest + b"\r\n\r\n"), ReadRequest)
        refused = Refusal(431, "headers_too_large", "field_too_long")
        assert both_ways(head + longest + b"a\r\n\r\n") == refused


def test_as_many_fields_as_the_limit() -> None:
    for line in (b"A: 1\r\n", b"X-Not-Seen-So-Far: 1\r\n"):
        head = b"GET / HTTP/1.1\r\n" + HOST + line * (MAX_FIELDS - 1)
        assert isinstance(both_ways(head + b"\r\n"), ReadRequest)
        refused = Refusal(431, "headers_too_large", "too_many_fields")
        assert both_ways(head + line + b"\r\n") == refused


def test_nothing_of_a_later_message_is_read_before_its_turn() -> None:
    class Events:
        count = 0

        def request_head(self, head: object) -> None:
            self.count += 1

        def request_body(self, data: bytes) -> None: ...
        def request_end(self, trailers: object) -> None: ...

    events = Events()
    reader = RequestReader(events)
    rest = reader.receive(GOOD["plain"] + NEXT)
    assert (rest, reader.phase, events.count) == (NEXT, Phase.DONE, 1)
    assert reader.receive(NEXT) == NEXT
    assert events.count == 1
    reader.next_message()
    assert reader.receive(NEXT) == b""
    assert events.count == 2


def test_what_a_reader_has_seen_of_a_head_is_told() -> None:
    reader = RequestReader(_Silent())
    reader.receive(b"\r\n\r\n")
    assert reader.seen == 0  # an idle client's stray line end is no request
    reader.receive(b"GET")
    assert reader.seen == 3
    reader.receive(b" / HTTP/1.0\r\n\r\n")
    assert reader.seen == 0


def test_how_much_of_a_body_is_missing_is_told() -> None:
    reader = RequestReader(_Silent())
    reader.receive(b"POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\n")
    assert (reader.phase, reader.remaining) == (Phase.LENGTH, 10)
    reader.receive(b"abc")
    assert reader.remaining == 7


class _Silent:
    def request_head(self, head: object) -> None: ...
    def request_body(self, data: bytes) -> None: ...
    def request_end(self, trailers: object) -> None: ...
