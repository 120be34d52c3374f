"""Responses from octets: the same however they are cut, and a connection that is out of step is never kept."""

from __future__ import annotations

import pytest

from gateway_harness.reading import ReadResponse, Refusal, cuts, octets, read_response
from moongate.core.errors import MessageRefused
from moongate.core.limits import MAX_HEAD_BYTES, MAX_INTERIM_RESPONSES
from moongate.protocol.http1.response import Phase, ResponseReader

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = OK + b"Content-Length: 5\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

WHOLE = {
    "length": (b"GET", LENGTH + b"hello", b"hello"),
    "no length": (b"GET", OK + b"Content-Length: 0\r\n\r\n", b""),
    "chunked": (b"GET", CHUNKED + b"3;a\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n", b"hello"),
    "empty chunked": (b"GET", CHUNKED + b"0\r\n\r\n", b""),
    "HEAD": (b"HEAD", LENGTH, b""),
    "HEAD and chunked": (b"HEAD", CHUNKED, b""),
    "HEAD without framing": (b"HEAD", OK + b"\r\n", b""),
    "204": (b"GET", b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "304": (b"GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b""),
    "after an interim response": (b"GET", b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + LENGTH + b"hello", b"hello"),
    "after two": (b"GET", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + LENGTH + b"hello", b"hello"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_response_means_the_same_however_it_is_cut(name: str) -> None:
    method, raw, body = WHOLE[name]
    whole = read_response([raw], method)
    assert isinstance(whole, ReadResponse)
    assert (whole.body, whole.is_whole, whole.keep_alive) == (body, True, True)
    for pieces in cuts(raw):
        assert read_response(pieces, method) == whole


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("surplus", [b"x", b"\r\n", OK + b"Content-Length: 0\r\n\r\n"])
def test_surplus_octets_are_dropped_and_their_connection_with_them(name: str, surplus: bytes) -> None:
    method, raw, body = WHOLE[name]
    for place in range(1, len(raw)):
        response = read_response([raw[:place], raw[place:] + surplus], method)
        assert isinstance(response, ReadResponse)
        assert (response.body, response.is_whole, response.keep_alive) == (body, True, False)
    reader, events = ResponseReader(), _Silent()
    reader.expect(method, events)
    reader.receive(raw)
    with pytest.raises(MessageRefused) as caught:
        reader.receive(surplus)
    assert Refusal.of(caught.value) == (502, "upstream_protocol_error", "upstream_desync")


@pytest.mark.parametrize("framing", [b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n"])
def test_a_204_that_announces_a_body_ends_its_connection(framing: bytes) -> None:
    for pieces in cuts(b"HTTP/1.1 204 No Content\r\n" + framing + b"\r\n"):
        response = read_response(pieces)
        assert isinstance(response, ReadResponse)
        assert (response.is_whole, response.keep_alive) == (True, False)


@pytest.mark.parametrize("line", [OK, b"HTTP/1.0 200 OK\r\n", OK + b"Connection: keep-alive\r\n"])
def test_a_body_without_framing_ends_with_the_connection(line: bytes) -> None:
    for pieces in cuts(line + b"\r\nhello\r\n\r\n"):
        for then_eof in (False, True):
            response = read_response(pieces, then_eof=then_eof)
            assert isinstance(response, ReadResponse)
            assert (response.body, response.is_whole) == (b"hello\r\n\r\n", then_eof)
            assert not response.keep_alive


@pytest.mark.parametrize(
    "raw", [b"", OK, LENGTH, LENGTH + b"hell", CHUNKED, CHUNKED + b"5\r\nhello\r\n0\r\n"], ids=repr
)
def test_an_early_end_is_no_end(raw: bytes) -> None:
    reader, events = ResponseReader(), _Silent()
    reader.expect(b"GET", events)
    for piece in octets(raw):
        reader.receive(piece)
    assert reader.receive_eof() is False


BAD = {
    b"\r\n" + LENGTH: "bad_status_line",
    b"HTTP/1.1 20 OK\r\n\r\n": "bad_status_line",
    b"<html>\r\n\r\n": "bad_status_line",
    OK + b"A\r\n\r\n": "bad_response_head",
    OK + b"A: 1\nB: 2\r\n\r\n": "bad_response_head",
    OK + b"A: \x00\r\n\r\n": "bad_response_head",
    OK + b"Transfer-Encoding: gzip\r\n\r\n": "bad_te",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n": "unexpected_interim_response",
    b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n": "interim_with_body",
    b"HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n": "interim_with_body",
    b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM_RESPONSES + 1): "unexpected_interim_response",
    CHUNKED + b"x\r\n": "bad_chunk",
    CHUNKED + b"1\r\nab": "bad_chunk",
    CHUNKED + b"0\r\nA\r\n": "bad_trailer",
}


@pytest.mark.parametrize(("raw", "reason"), BAD.items(), ids=[repr(raw[:60]) for raw in BAD])
def test_a_refusal_is_the_same_however_it_is_cut(raw: bytes, reason: str) -> None:
    for pieces in cuts(raw):
        assert read_response(pieces) == Refusal(502, "upstream_protocol_error", reason)


def test_as_many_interim_responses_as_the_limit() -> None:
    raw = b"HTTP/1.1 103 Early Hints\r\n\r\n" * MAX_INTERIM_RESPONSES + LENGTH + b"hello"
    for pieces in ([raw], octets(raw)):
        response = read_response(pieces)
        assert isinstance(response, ReadResponse)
        assert response.interim == (103,) * MAX_INTERIM_RESPONSES


def test_a_head_as_large_as_the_limit() -> None:
    head = OK + b"Content-Length: 0\r\nA: "
    head += b"a" * (MAX_HEAD_BYTES - len(head) - 4)
    refused = Refusal(502, "upstream_protocol_error", "response_head_too_large")
    for ending, expected in ((b"\r\n\r\n", None), (b"a\r\n\r\n", refused), (b"a" * 1000, refused)):
        raw = head + ending
        for pieces in ([raw], octets(raw), [raw[:100], raw[100:]], [raw[:-1], raw[-1:]]):
            response = read_response(pieces)
            if expected is None:
                assert isinstance(response, ReadResponse)
                assert response.is_whole
            else:
                assert response == expected


def test_octets_that_nobody_asked_for() -> None:
    with pytest.raises(MessageRefused) as caught:
        ResponseReader().receive(OK)
    assert Refusal.of(caught.value) == (502, "upstream_protocol_error", "upstream_desync")


def test_a_reader_reads_one_response_for_each_request() -> None:
    reader, events = ResponseReader(), _Silent()
    for method, raw, _ in [*WHOLE.values(), *WHOLE.values()]:
        reader.expect(method, events)
        assert not reader.has_begun
        for piece in octets(raw):
            reader.receive(piece)
            assert reader.has_begun
        assert reader.phase is Phase.IDLE


def test_an_upgrade_is_read_only_where_it_was_asked_for() -> None:
    raw = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    reader, events = ResponseReader(), _Silent()
    reader.expect(b"GET", events)
    reader.await_upgrade()
    reader.receive(raw + b"frame")
    assert reader.phase is Phase.UNTIL_EOF
    other = ResponseReader()
    other.expect(b"GET", events)
    other.await_upgrade()
    other.expect(b"GET", events)  # the next request asked for none
    with pytest.raises(MessageRefused):
        other.receive(raw)


class _Silent:
    def response_interim(self, head: object) -> None: ...
    def response_head(self, head: object, body: bytes, ended: bool) -> None: ...
    def response_body(self, data: bytes) -> None: ...
    def response_end(self, trailers: object) -> None: ...
