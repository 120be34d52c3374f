"""Responses, well and mutated: the same however they are cut, and as h11 reads them, but for what is listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hypothesis import given
from hypothesis import strategies as st

from fuzz.oracle import Seen, h11_response
from fuzz.seeds import FUZZ, TIME, corpus, cut_in_pieces, mutated, responses
from gateway_harness.reading import ReadResponse, Refusal, octets, read_response
from moongate.core.fields import PASS, RESPONSE_KINDS
from moongate.protocol.http1.framing import connection_options

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = TIME

SEEDS = corpus("response_heads")
any_responses = st.one_of(mutated(SEEDS), responses, responses.flatmap(lambda raw: mutated([raw])))

_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_FOLDED = re.compile(rb"\n[ \t]")
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CHUNK_LINE = re.compile(rb"(?m)^[0-9A-Fa-f]+[ \t;]")

# Our reason for refusing what h11 takes, and what must be so in the message.
STRICTER: Final[dict[str, Callable[[bytes, Seen], object]]] = {
    # h11 takes any version of one digit and another, any three digits for a status, and control characters in reasons.
    "bad_status_line": lambda raw, seen: (
        not seen.start
        or seen.start[2] not in {b"1.0", b"1.1"}
        or not b"100" <= seen.start[0] <= b"599"
        or _BARE.search(raw)
        or _CONTROL.search(raw)
    ),
    # h11 takes LF for CR LF, folded lines, and control characters in values.
    "bad_response_head": lambda raw, seen: _BARE.search(raw) or _FOLDED.search(raw) or _CONTROL.search(raw),
    "bad_trailer": lambda raw, seen: _FOLDED.search(raw) or _CONTROL.search(raw),
    # h11 takes any extension, white space behind sizes, and LF for CR LF.
    "bad_chunk": lambda raw, seen: _BARE.search(raw) or _CHUNK_LINE.search(raw) or re.search(rb"[0-9A-Fa-f]{17}", raw),
    # h11 prefers Transfer-Encoding, and takes several lengths that are equal.
    "cl_te": lambda raw, seen: seen.values(b"transfer-encoding") and b"content-length" in raw.lower(),
    "bad_cl": lambda raw, seen: raw.lower().count(b"content-length") > 1 or re.search(rb"(?i)length:.*(,|\d{19})", raw),
    # h11 does not ask for the version.
    "bad_te": lambda raw, seen: seen.start[2] == b"1.0",
    # h11 leaves the field to its caller.
    "bad_connection": lambda raw, seen: b"connection" in raw.lower(),
    # No request asked for an upgrade here; h11 refuses a 101 too, but first reads on.
    "unexpected_interim_response": lambda raw, seen: b" 101" in raw,
    # RFC 9112 section 6.3: a 1xx has no body; h11 passes over what it announces.
    "interim_with_body": lambda raw, seen: re.match(rb"HTTP/1\.[01] 1", raw),
}

# What h11 refuses and we take.
WIDER: Final[dict[str, Callable[[bytes], object]]] = {
    "white space before a chunk extension (RFC 9112 section 7.1.1)": lambda raw: re.search(rb"[0-9A-Fa-f][ \t]+;", raw),
}


@FUZZ
@given(st.data())
def test_a_response_means_the_same_however_it_is_cut(data: st.DataObject) -> None:
    raw = data.draw(any_responses)
    for then_eof in (False, True):
        whole = read_response([raw], then_eof=then_eof)
        for pieces in (data.draw(cut_in_pieces(raw)), octets(raw)):
            cut = read_response(pieces, then_eof=then_eof)
            assert _meaning(cut) == _meaning(whole)


def _meaning(response: ReadResponse | Refusal | None) -> object:
    """Octets behind the end of a response reveal themselves only when they come together with it, and a message that is
    wrong twice may be refused for either."""
    if isinstance(response, ReadResponse):
        return response._replace(keep_alive=False)
    return response if response is None else "refused"


@FUZZ
@given(any_responses, st.booleans())
def test_h11_reads_the_same(raw: bytes, then_eof: bool) -> None:
    ours, theirs = read_response([raw], then_eof=then_eof), h11_response(raw, then_eof=then_eof)
    if ours is None:
        assert theirs.kind in {"unfinished", "refused"} or _BARE.search(raw)
    elif isinstance(ours, Refusal):
        if theirs.kind == "unfinished":  # refused before its end: h11 would wait for it
            theirs = h11_response(raw + b"\r\n\r\n", then_eof=then_eof)
        if theirs.kind != "refused":
            assert STRICTER[ours.reason](raw, theirs), (ours, theirs)
    elif theirs.kind == "refused":
        is_cut_off = then_eof and not ours.is_whole  # which our reader leaves to the connection
        assert is_cut_off or [why for why, holds in WIDER.items() if holds(raw)], theirs
    else:
        _assert_same(ours, theirs)


def _assert_same(ours: ReadResponse, theirs: Seen) -> None:
    status, reason, _ = theirs.start
    assert (b"%d" % ours.status, ours.reason) == (status, reason)
    assert (ours.body, ours.is_whole) == (theirs.body, theirs.kind == "whole")
    named = [connection_options(value) for value in theirs.values(b"connection")]
    gone = frozenset[bytes]().union(*(one.names for one in named if one is not None))
    passed = [(name, value) for name, value in theirs.fields if RESPONSE_KINDS.of(name) == PASS and name not in gone]
    assert [(name.lower(), value) for name, value in ours.fields] == passed
    if ours.is_whole:
        assert [(name.lower(), value) for name, value in ours.trailers] == list(theirs.trailers)
