"""Chunked bodies: the grammar, nothing beside it, and the same payload wherever the network cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from gateway_harness.reading import Refusal, cuts, octets
from moongate.core.errors import MessageRefused
from moongate.core.limits import MAX_CHUNK_EXTENSION_BYTES, MAX_TRAILER_BYTES
from moongate.protocol.http1.chunked import ChunkedDecoder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moongate.core.message import Field

NEXT = b"GET / HTTP/1.1\r\n"


class Decoded(NamedTuple):
    body: bytes
    trailers: list[Field]
    is_done: bool
    rest: bytes


def decode(pieces: Iterable[bytes]) -> Decoded | Refusal:
    decoder = ChunkedDecoder()
    body = rest = b""
    try:
        for piece in pieces:
            if decoder.is_done:
                rest += piece
                continue
            payload, rest = decoder.feed(piece)
            assert decoder.is_done or not rest
            assert all(payload)
            body += b"".join(payload)
    except MessageRefused as refused:
        return Refusal.of(refused)
    return Decoded(body, decoder.trailers, decoder.is_done, rest)


GOOD = {
    "empty": (b"0\r\n\r\n", b"", []),
    "one": (b"5\r\nhello\r\n0\r\n\r\n", b"hello", []),
    "several": (b"1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n", b"abcdef", []),
    "hexadecimal": (b"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", b"0123456789" * 2, []),
    "leading zeros": (b"0005\r\nhello\r\n000\r\n\r\n", b"hello", []),
    "sixteen digits": (b"0000000000000001\r\na\r\n0\r\n\r\n", b"a", []),
    "line ends in the payload": (b"4\r\n\r\n\r\n\r\n2\r\n\n\r\r\n0\r\n\r\n", b"\r\n\r\n\n\r", []),
    "a last chunk in the payload": (b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"0\r\n\r\n", []),
    "an extension": (b"1;a\r\nx\r\n0;b\r\n\r\n", b"x", []),
    "an extension with a value": (b"1;a=b\r\nx\r\n0\r\n\r\n", b"x", []),
    "a quoted value": (b'1;a="b;\\"\t\xe9\\\\";c\r\nx\r\n0\r\n\r\n', b"x", []),
    "white space around extensions": (b"1 ; a = b\t;\tc\r\nx\r\n0\r\n\r\n", b"x", []),
    "a trailer": (b"0\r\nX-Sum: 1\r\n\r\n", b"", [(b"X-Sum", b"1")]),
    "trailers": (b"1\r\nx\r\n0\r\nA:1\r\nB: \t2 \r\nA:\r\n\r\n", b"x", [(b"A", b"1"), (b"B", b"2"), (b"A", b"")]),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_bodies(name: str) -> None:
    data, body, trailers = GOOD[name]
    for pieces in cuts(data):
        assert decode(pieces) == Decoded(body, trailers, is_done=True, rest=b"")
    for pieces in cuts(data + NEXT):
        decoded = decode(pieces)
        assert isinstance(decoded, Decoded)
        assert decoded[:3] == (body, trailers, True)
        assert decoded.rest == NEXT


@pytest.mark.parametrize("name", GOOD)
def test_a_body_ends_with_its_last_octet(name: str) -> None:
    data, body, _ = GOOD[name]
    for size in range(len(data)):
        decoded = decode([data[:size]])
        assert isinstance(decoded, Decoded)
        assert not decoded.is_done
        assert body.startswith(decoded.body)


BAD_CHUNKS = [
    b"\r\n",
    b" 5\r\nhello\r\n",
    b"5 \r\nhello\r\n",
    b"5\t\r\nhello\r\n",
    b"+5\r\nhello\r\n",
    b"-5\r\nhello\r\n",
    b"0x5\r\nhello\r\n",
    b"5h\r\nhello\r\n",
    b"5_0\r\n",
    b"g\r\n",
    b"5.0\r\nhello\r\n",
    b"00000000000000005\r\nhello\r\n",
    b"fffffffffffffffff\r\n",
    b"5\nhello\r\n",
    b"5\rhello\r\n",
    b"5\r\r\nhello\r\n",
    b"5\r\nhello0\r\n\r\n",
    b"5\r\nhello\n0\r\n\r\n",
    b"5\r\nhello\r0\r\n\r\n",
    b"5\r\nhello\r\r\n0\r\n\r\n",
    b"5\r\nhello!\r\n0\r\n\r\n",
    b"5\r\nhell\r\n0\r\n\r\n",
    b"5\r\nhello\r\n\r\n0\r\n\r\n",
    b"5;\r\nhello\r\n",
    b"5;;a\r\nhello\r\n",
    b"5;a=\r\nhello\r\n",
    b"5;=b\r\nhello\r\n",
    b"5;a=b c\r\nhello\r\n",
    b"5;a b\r\nhello\r\n",
    b"5;a\x00\r\nhello\r\n",
    b"5;a\nb\r\nhello\r\n",
    b"5;a\rb\r\nhello\r\n",
    b'5;a="b\r\nhello\r\n',
    b'5;a="b\r\n"\r\nhello\r\n',
    b'5;a="b\n"\r\nhello\r\n',
    b'5;a="b\\\r\n"\r\nhello\r\n',
    b'5;a="b"c\r\nhello\r\n',
    b'5;a="\x7f"\r\nhello\r\n',
    b"5;\xe9\r\nhello\r\n",
    b"5,a\r\nhello\r\n",
    b"0\n\r\n",
    b"0\r\n\n",
    b"0\r\n\rX",
    b"0\r\n\r\rX",
    b"\xb2\r\nab\r\n",
    "５\r\nhello\r\n".encode(),
]
BAD_TRAILERS = [
    b"A\r\n\r\n",
    b": 1\r\n\r\n",
    b"A : 1\r\n\r\n",
    b" A: 1\r\n\r\n",
    b"A: 1\r\n b\r\n\r\n",
    b"A: \x00\r\n\r\n",
    b"A: \x7f\r\n\r\n",
    b"A\xe9: 1\r\n\r\n",
    b"A: 1\nB: 2\r\n\r\n",
    b"A: 1\rB: 2\r\n\r\n",
    b"A: 1\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("data", BAD_CHUNKS, ids=repr)
def test_bad_chunks(data: bytes) -> None:
    for pieces in cuts(data):
        assert decode(pieces) == Refusal(400, "bad_request", "bad_chunk")
    assert decode([b"1\r\nx\r\n" + data]) == Refusal(400, "bad_request", "bad_chunk")


@pytest.mark.parametrize("data", BAD_TRAILERS, ids=repr)
def test_bad_trailers(data: bytes) -> None:
    for pieces in cuts(b"1\r\nx\r\n0\r\n" + data):
        refusal = decode(pieces)
        assert isinstance(refusal, Refusal)
        assert refusal[:2] == (400, "bad_request")
        assert refusal.reason in {"bad_trailer", "bad_chunk"}


@pytest.mark.parametrize("size_digits", [1, 16])
def test_an_extension_of_256_octets_and_no_more(size_digits: int) -> None:
    size = b"1".rjust(size_digits, b"0")
    longest = size + b";" + b"a" * (272 - len(size) - 1) + b"\r\nx\r\n0\r\n\r\n"
    assert decode([longest]) == decode(octets(longest)) == Decoded(b"x", [], is_done=True, rest=b"")
    refusal = Refusal(400, "bad_request", "bad_chunk")
    too_long = size + b";" + b"a" * (272 - len(size)) + b"\r\n"
    assert decode([too_long]) == decode(octets(too_long)) == refusal
    assert decode([b"1;" + b"a" * 500]) == refusal  # no need to wait for its end


def test_extensions_of_16_kib_in_all_and_no_more() -> None:
    chunk = b"1;" + b"a" * 127 + b"\r\nx\r\n"
    chunks = chunk * (MAX_CHUNK_EXTENSION_BYTES // 128)
    assert decode([chunks + b"0\r\n\r\n"]) == Decoded(b"x" * 128, [], is_done=True, rest=b"")
    assert decode([chunks + b"0;a\r\n\r\n"]) == Refusal(400, "bad_request", "bad_chunk")


def test_trailers_of_8_kib_in_all_and_no_more() -> None:
    line = b"A: " + b"b" * (MAX_TRAILER_BYTES // 2 - 3) + b"\r\n"
    decoded = decode([b"0\r\n" + line * 2 + b"\r\n"])
    assert isinstance(decoded, Decoded)
    assert len(decoded.trailers) == 2
    for data in (b"0\r\n" + line * 2 + b"A:\r\n\r\n", b"0\r\nA:" + b"b" * (MAX_TRAILER_BYTES + 1)):
        refusal = decode([data])
        assert isinstance(refusal, Refusal)
        assert refusal.status == 400


def test_a_chunk_larger_than_memory_is_passed_on_as_it_comes() -> None:
    decoder = ChunkedDecoder()
    assert decoder.feed(b"ffffffffffffffff\r\nabc") == ([b"abc"], b"")
    assert decoder.feed(b"def") == ([b"def"], b"")
    assert not decoder.is_done
