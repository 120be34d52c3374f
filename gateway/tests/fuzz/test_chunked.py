"""Chunked bodies: what was put in comes out, however it is cut; h11 agrees where the grammar is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hypothesis import given
from hypothesis import strategies as st

from fuzz.oracle import h11_request
from fuzz.seeds import FUZZ, TIME, bodies, chunked, corpus, cut_in_pieces, field_lines, mutated
from gateway_harness.reading import octets
from moongate.core.errors import MessageRefused
from moongate.core.message import fields_of
from moongate.protocol.http1.chunked import ChunkedDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

pytestmark = TIME

HEAD = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
any_bodies = st.one_of(
    mutated(corpus("chunked_bodies")),
    bodies.flatmap(chunked),
    bodies.flatmap(chunked).flatmap(lambda raw: mutated([raw])),
)

# What h11 takes and we refuse, and how to tell that it is in a body.
STRICTER: Final[dict[str, Callable[[bytes], object]]] = {
    "LF for CR LF, and bare CR": lambda raw: re.search(rb"(?<!\r)\n|\r(?!\n)", raw),
    "any extension": lambda raw: re.search(rb"(?m)^[0-9A-Fa-f]+[ \t]*;", raw),
    "white space behind a size": lambda raw: re.search(rb"(?m)^[0-9A-Fa-f]+[ \t]+\r", raw),
    "sizes of 17 to 20 digits": lambda raw: re.search(rb"(?m)^[0-9A-Fa-f]{17}", raw),
    "folded trailers": lambda raw: re.search(rb"\n[ \t]", raw),
    "control characters in trailers": lambda raw: re.search(rb"[\x01-\x08\x0e-\x1f\x7f]", raw),
}
WIDER: Final[dict[str, Callable[[bytes], object]]] = {
    "white space before an extension (RFC 9112 section 7.1.1)": lambda raw: re.search(rb"[0-9A-Fa-f][ \t]+;", raw),
}


def decode(pieces: Iterable[bytes]) -> tuple[bytes, list[tuple[bytes, bytes]], bool, bytes] | None:
    """Payload, trailers, whether the end was reached, and what follows it; None where the body is refused."""
    decoder = ChunkedDecoder()
    body = rest = b""
    for piece in pieces:
        if decoder.is_done:
            rest += piece
            continue
        try:
            payload, rest = decoder.feed(piece)
        except MessageRefused:
            return None
        body += b"".join(payload)
    return body, decoder.trailers, decoder.is_done, rest


@FUZZ
@given(st.data())
def test_what_was_put_in_comes_out(data: st.DataObject) -> None:
    body, trailers, behind = data.draw(bodies), data.draw(field_lines), data.draw(st.binary(max_size=4))
    raw = data.draw(chunked(body, st.just(trailers))) + behind
    assert decode(data.draw(cut_in_pieces(raw))) == (body, fields_of(trailers), True, behind)


@FUZZ
@given(st.data())
def test_a_body_means_the_same_however_it_is_cut(data: st.DataObject) -> None:
    raw = data.draw(any_bodies)
    whole = decode([raw] if raw else [])
    assert decode(data.draw(cut_in_pieces(raw))) == whole
    assert decode(octets(raw)) == whole


@FUZZ
@given(any_bodies)
def test_h11_reads_the_same(raw: bytes) -> None:
    ours, theirs = decode([raw]), h11_request(HEAD + raw)
    if ours is None:
        if theirs.kind == "unfinished":  # refused before the end of a line: h11 would wait for it
            theirs = h11_request(HEAD + raw + b"\r\n\r\n")
        assert theirs.kind == "refused" or [why for why, holds in STRICTER.items() if holds(raw)], theirs
        return
    if theirs.kind == "refused":
        assert [why for why, holds in WIDER.items() if holds(raw)], ours
        return
    body, trailers, is_done, _rest = ours
    assert (body, is_done) == (theirs.body, theirs.kind == "whole")
    if is_done:
        assert [(name.lower(), value) for name, value in trailers] == list(theirs.trailers)
