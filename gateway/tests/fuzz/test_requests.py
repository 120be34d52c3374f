"""Requests, well and mutated: the same however they are cut, safe to pass on, and as h11 reads them.

Where the two differ there is a reason, and each is listed: `STRICTER` by our reason for refusing, with what must then
be found in the message, and `WIDER` for what h11 does not read.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from hypothesis import example, given
from hypothesis import strategies as st

from fuzz.oracle import Seen, h11_request
from fuzz.seeds import FUZZ, TIME, corpus, cut_in_pieces, mutated, requests
from gateway_harness.reading import ReadHead, ReadRequest, Refusal, octets, read_requests
from gateway_harness.recording_origin import read_strictly
from moongate.core.fields import NOT_REMOVABLE, PASS, REQUEST_KINDS
from moongate.protocol.http1.encode import chunk_head
from moongate.protocol.http1.framing import connection_options
from moongate.protocol.http1.request_head import RequestHeadParser
from moongate.proxy.heads import request_bytes, section_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = TIME

SEEDS = corpus("request_heads")
any_requests = st.one_of(mutated(SEEDS), requests, requests.flatmap(lambda raw: mutated([raw])))

_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_NAME = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SIZE_LINE = re.compile(rb"[0-9A-Fa-f]{1,16}(?:;" + _NAME + rb"(?:=(?:" + _NAME + rb'|"[^"\\]*"))?)*\r\n')

# Our reason for refusing what h11 takes, and what must be so in the message. What it stands for:
STRICTER: Final[dict[str, Callable[[bytes, Seen], object]]] = {
    # h11 leaves the target to its caller.
    "bad_path": lambda raw, seen: re.search(rb"[\\\"<>%;]|\.\.", seen.start[1]),
    "bad_target": lambda raw, seen: not seen.start[1].startswith(b"/") or b"#" in seen.start[1],
    # h11 counts Hosts in HTTP/1.1 and looks at none.
    "bad_host": lambda raw, seen: not _is_one_host(seen.values(b"host")),
    "host_mismatch": lambda raw, seen: seen.start[1].lower().startswith((b"http://", b"https://")),
    # h11 takes any token for a method, and leaves what it means to its caller.
    "unknown_method": lambda raw, seen: seen.start[0] not in {b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"HEAD"},
    "method_refused": lambda raw, seen: seen.start[0] in {b"CONNECT", b"TRACE"},
    # h11 leaves these fields to its caller.
    "bad_expect": lambda raw, seen: [value.lower() for value in seen.values(b"expect")] != [b"100-continue"],
    "bad_connection": lambda raw, seen: None in map(connection_options, seen.values(b"connection")),
    # RFC 9112 section 6.3 lets a reader prefer Transfer-Encoding, or one of several equal lengths: h11 does.
    "cl_te": lambda raw, seen: seen.values(b"transfer-encoding") and b"content-length" in raw.lower(),
    "bad_cl": lambda raw, seen: raw.lower().count(b"content-length") > 1 or re.search(rb"(?i)length:.*(,|\d{19})", raw),
    # h11 does not ask for the version.
    "bad_te": lambda raw, seen: seen.start[2] == b"1.0",
    # h11 takes LF for CR LF, folded lines, and control characters in values.
    "bad_header": lambda raw, seen: (
        _BARE.search(raw) or re.search(rb"\n[ \t]", raw) or re.search(rb"[\x01-\x08\x0e-\x1f\x7f]", raw)
    ),
    "bad_request_line": lambda raw, seen: _BARE.search(raw) or seen.start[2] not in {b"1.0", b"1.1"},
    "bad_version": lambda raw, seen: seen.start[2] >= b"2.0",
    # h11 takes any extension, white space behind sizes, LF for CR LF, and sizes of up to 20 digits.
    "bad_chunk": lambda raw, seen: _BARE.search(raw) or not _only_plain_sizes(raw),
    "bad_trailer": lambda raw, seen: re.search(rb"\n[ \t]", raw) or re.search(rb"[\x01-\x08\x0e-\x1f\x7f]", raw),
}

# What h11 refuses and we take.
WIDER: Final[dict[str, Callable[[bytes], object]]] = {
    "empty lines before a request (RFC 9112 section 2.2)": lambda raw: raw.startswith(b"\r\n"),
    "white space before a chunk extension (RFC 9112 section 7.1.1)": lambda raw: re.search(rb"[0-9A-Fa-f][ \t]+;", raw),
}


def _is_one_host(values: list[bytes]) -> bool:
    """Whether there is one Host, and nobody could doubt it."""
    return len(values) == 1 and re.fullmatch(rb"[A-Za-z0-9][A-Za-z0-9._-]*(?::[0-9]{1,4})?", values[0]) is not None


def _only_plain_sizes(raw: bytes) -> bool:
    """Whether every line of a chunked body that may be a size is a plain one."""
    body = raw.partition(b"\r\n\r\n")[2]
    lines = [line for line in body.split(b"\n") if re.match(rb"[0-9A-Fa-f]+[ \t;\r]", line)]
    return all(_SIZE_LINE.fullmatch(line + b"\n") for line in lines)


@FUZZ
@given(st.data())
def test_a_message_means_the_same_however_it_is_cut(data: st.DataObject) -> None:
    raw = data.draw(any_requests)
    whole = read_requests([raw])
    for pieces in (data.draw(cut_in_pieces(raw)), octets(raw)):
        cut = read_requests(pieces)
        # A message that is wrong twice may be refused for either; one that breaks off may have given less of its body.
        assert [_meaning(message) for message in cut] == [_meaning(message) for message in whole]


def _meaning(message: ReadRequest | Refusal) -> object:
    if isinstance(message, Refusal):
        return "refused"
    return message if message.is_whole else message.head


@FUZZ
@given(any_requests)
def test_what_is_taken_can_be_passed_on_in_one_spelling(raw: bytes) -> None:
    for message in read_requests([raw]):
        if isinstance(message, ReadRequest) and message.is_whole:
            passed_on = _as_forwarded(raw, message)
            read = read_strictly(passed_on)
            assert read is not None
            recorded, rest = read
            assert rest == b""
            assert (recorded.method, recorded.path, recorded.query) == message.head[:3]
            assert recorded.body == message.body
        return  # the head of the first is at hand


def _as_forwarded(raw: bytes, message: ReadRequest) -> bytes:
    start = re.match(rb"(?:\r\n)*", raw)
    assert start is not None
    raw = raw[start.end() :]
    head = RequestHeadParser().read(raw[: raw.index(b"\r\n\r\n") + 4])
    section = section_bytes(head, head.section.authority or b"h", head.section.lines, b"X-Forwarded-For: ::1\r\n")
    data = request_bytes(head, section, b"id")
    if not head.section.chunked:
        return data + message.body
    chunk = chunk_head(len(message.body)) + message.body + b"\r\n" if message.body else b""
    return data + chunk + b"0\r\n\r\n"


@FUZZ
@given(any_requests)
@example(b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0;=b\r\n\r\n")
def test_h11_reads_the_same(raw: bytes) -> None:
    ours, theirs = read_requests([raw]), h11_request(raw)
    if not ours:  # the head is not whole
        assert theirs.kind in {"unfinished", "refused"} or _BARE.search(raw)
        return
    refusal = next((message for message in ours[:2] if isinstance(message, Refusal)), None)
    first = ours[0]
    if isinstance(first, ReadRequest) and (first.is_whole or refusal is None):
        if theirs.kind == "refused":
            assert [why for why, holds in WIDER.items() if holds(raw)], theirs
        else:
            _assert_same(first, theirs)
    elif refusal is not None and theirs.kind != "refused":
        if theirs.kind == "unfinished":  # refused before its end: h11 would wait for it
            theirs = h11_request(raw + b"\r\n\r\n")
        if theirs.kind != "refused":
            assert STRICTER[refusal.reason](raw, theirs), (refusal, theirs)


def _assert_same(ours: ReadRequest, theirs: Seen) -> None:
    head = ours.head
    method, target, version = theirs.start
    assert (head.method, b"1.%d" % head.minor) == (method, version)
    assert head.query == re.sub(rb"^[^?]*", b"", target)
    path = re.sub(rb"^(?i:https?)://[^/?]*", b"", target).partition(b"?")[0]
    if head.path != b"*":
        plain = posixpath.normpath(b"/" + unquote_to_bytes(path).lstrip(b"/"))
        assert posixpath.normpath(unquote_to_bytes(head.path)) == plain
    named = [connection_options(value) for value in theirs.values(b"connection")]
    gone = frozenset[bytes]().union(*(one.names for one in named if one is not None)) - NOT_REMOVABLE
    passed = [(name, value) for name, value in theirs.fields if REQUEST_KINDS.of(name) == PASS and name not in gone]
    assert [(name.lower(), value) for name, value in head.fields] == passed
    assert (ours.body, ours.is_whole) == (theirs.body, theirs.kind == "whole")
    if ours.is_whole:
        assert [(name.lower(), value) for name, value in ours.trailers] == list(theirs.trailers)


_parser_heads = any_requests.map(lambda raw: raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")


@FUZZ
@given(_parser_heads, st.booleans())
def test_the_fast_way_says_what_the_long_one_says(raw: bytes, is_known: bool) -> None:
    """`recognize` gives what `read` gives, field for field, or None; the names it needs are known or not."""
    if is_known:
        for name in (b"Accept", b"Cookie", b"X-A", b"X-B", b"x-b", b"X-C", b"User-Agent"):
            RequestHeadParser().read(b"GET / HTTP/1.1\r\nHost: h\r\n" + name + b": 1\r\n\r\n")
    fresh, used = RequestHeadParser(), RequestHeadParser()
    # Another head has been recognized there, of the same section where that may be.
    used.recognize(b"GET /other HTTP/1.1\r\n" + raw.partition(b"\r\n")[2])
    for parser in (fresh, fresh, used):
        head = parser.recognize(raw)
        if head is not None:
            assert ReadHead.of(head) == ReadHead.of(RequestHeadParser().read(raw))
