"""Requests from bytes: one head, its body, then the next (RFC 9112), for the server side.

httptools tokenizes each head; what it lets through is refused here (Transfer-Encoding lists, several Hosts, an absolute
form unequal to Host, HTTP/1.0 with Transfer-Encoding, other spellings of the request line). It is handed one head at a
time, so that nothing of a pipelined request is parsed before its turn; bodies never pass through it.
"""

from __future__ import annotations

import enum
import re
from typing import Final, Protocol

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser

from moongate.core.errors import (
    BAD_REQUEST,
    CODING_NOT_IMPLEMENTED,
    EXPECTATION_FAILED,
    HEADERS_TOO_LARGE,
    METHOD_NOT_ALLOWED,
    URI_TOO_LONG,
    VERSION_NOT_SUPPORTED,
    MessageRefused,
)
from moongate.core.fields import DROP, FORWARDING, NOT_REMOVABLE, REQUEST_KINDS
from moongate.core.limits import MAX_FIELDS, MAX_HEAD_BYTES, MAX_LINE_BYTES
from moongate.core.message import Field, RequestHead
from moongate.protocol.http1.chunked import ChunkedDecoder
from moongate.protocol.http1.framing import connection_options, has_token, is_chunked, length_of
from moongate.protocol.http1.target import host_of, split_target

# No control character but HTAB, and CR LF, whose pairing llhttp checks.
HEAD_OCTETS: Final = bytes((0x09, 0x0A, 0x0D, *range(0x20, 0x7F), *range(0x80, 0x100)))
_LATER_VERSION: Final = re.compile(rb"[^\r\n]* HTTP/[2-9](?:\.[0-9])?\r\n")
_TOKEN_AND_SPACE: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ ")
_END: Final = b"\r\n\r\n"


class Phase(enum.Enum):
    """Where the reader stands in a message."""

    HEAD = "head"
    LENGTH = "length"
    CHUNKED = "chunked"
    DONE = "done"  # until next_message(): whatever comes is a later message's


class RequestEvents(Protocol):
    """Who is told what was read. ``request_head`` alone tells of a request without a body."""

    def request_head(self, head: RequestHead) -> None: ...
    def request_body(self, data: bytes) -> None: ...
    def request_end(self, trailers: list[Field]) -> None: ...


class RequestReader:
    """Reads the requests of one connection, in order. ``receive`` raises MessageRefused, after which nothing may be read."""

    __slots__ = ("_chunks", "_events", "_parsed", "_pieces", "phase", "remaining", "seen")

    def __init__(self, events: RequestEvents) -> None:
        self._events = events
        self._parsed = _HeadCallbacks()
        self._pieces: list[bytes] = []
        self.seen = 0  # octets of a head that is not whole yet
        self._chunks: ChunkedDecoder | None = None
        self.phase = Phase.HEAD
        self.remaining = 0  # octets of a body of known length still to come

    def next_message(self) -> None:
        """The message that was read is dealt with; the next may be read."""
        self.phase = Phase.HEAD

    def receive(self, data: bytes) -> bytes:
        """Read until a head or a body ends, telling ``events``. Returns the octets not looked at yet."""
        phase = self.phase
        if phase is Phase.HEAD:
            return self._receive_head(data)
        if phase is Phase.LENGTH:
            return self._receive_length(data)
        if phase is Phase.CHUNKED:
            return self._receive_chunks(data)
        return data

    def _receive_head(self, data: bytes) -> bytes:
        if self.seen:
            tail = self._pieces[-1][-3:] if len(self._pieces[-1]) >= 3 else b"".join(self._pieces)[-3:]
            found = (tail + data).find(_END)
            end = found + 4 - len(tail) if found >= 0 else -1
        else:
            found = data.find(_END)
            end = found + 4 if found >= 0 else -1
        if end < 0 or end == len(data):
            piece, rest = data, b""
        else:
            piece, rest = data[:end], data[end:]
        self.seen += len(piece)
        if self.seen > MAX_HEAD_BYTES:
            raise _too_large(b"".join(self._pieces) + piece)
        parsed = self._parsed
        try:
            parsed.parser.feed_data(piece)
        except HttpParserUpgrade:
            pass  # an Upgrade field; the head is complete, and what follows it was not handed in
        except HttpParserError as error:
            raise _refused(error, b"".join(self._pieces) + piece) from None
        if self.seen > len(piece):
            self._pieces.append(piece)
            if parsed.is_complete:
                piece = b"".join(self._pieces)
        elif not parsed.is_complete:
            self._pieces.append(piece)
        if parsed.is_complete:
            self._end_head(piece)
        elif end >= 0 and piece.strip(b"\r\n"):
            raise MessageRefused(VERSION_NOT_SUPPORTED, "bad_version")  # HTTP/2's preface, which llhttp would wait on
        return rest

    def _end_head(self, raw: bytes) -> None:
        parsed = self._parsed
        if self._pieces:
            self._pieces = []
        self.seen = 0
        head = _read_head(parsed, raw)
        if head.chunked:
            self.phase = Phase.CHUNKED
            self._chunks = ChunkedDecoder()
        elif head.content_length > 0:
            self.phase = Phase.LENGTH
            self.remaining = head.content_length
        else:
            self.phase = Phase.DONE
        if parsed.is_spent:
            self._parsed = _HeadCallbacks()
        else:
            parsed.reset()
        self._events.request_head(head)

    def _receive_length(self, data: bytes) -> bytes:
        size = len(data)
        if size < self.remaining:
            self.remaining -= size
            self._events.request_body(data)
            return b""
        rest = data[self.remaining :]
        body = data[: self.remaining] if rest else data
        self.remaining = 0
        self.phase = Phase.DONE
        self._events.request_body(body)
        self._events.request_end([])
        return rest

    def _receive_chunks(self, data: bytes) -> bytes:
        chunks = self._chunks
        assert chunks is not None
        pieces, rest = chunks.feed(data)
        if chunks.is_done:
            self.phase = Phase.DONE
            self._chunks = None
        if pieces:
            self._events.request_body(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if chunks.is_done:
            self._events.request_end(chunks.trailers)
        return rest


class _HeadCallbacks:
    """What httptools calls while it reads one head."""

    __slots__ = ("fields", "is_complete", "is_spent", "parser", "special", "target")

    def __init__(self) -> None:
        self.reset()
        self.is_spent = False
        self.parser = HttpRequestParser(self)

    def reset(self) -> None:
        self.target = b""
        self.fields: list[Field] = []
        self.special: list[Field] = []
        self.is_complete = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        kind = REQUEST_KINDS.of(name)
        if not kind:
            self.fields.append((name, value))
        else:
            self.special.append((kind, value))

    def on_headers_complete(self) -> None:
        self.is_complete = True


def _read_head(parsed: _HeadCallbacks, raw: bytes) -> RequestHead:
    """Everything about the head that llhttp leaves to its caller. Raises MessageRefused."""
    if raw.translate(None, HEAD_OCTETS):
        raise MessageRefused(BAD_REQUEST, "bad_header")
    parser = parsed.parser
    method: bytes = parser.get_method()
    minor = _minor_version(method, parsed.target, raw)
    if len(parsed.fields) + len(parsed.special) > MAX_FIELDS:
        raise MessageRefused(HEADERS_TOO_LARGE, "too_many_fields")
    if len(raw) > MAX_LINE_BYTES:
        _check_lines(parsed)
    path, query, authority = split_target(method, parsed.target)
    head = RequestHead(method, path, query, b"", b"")
    head.minor = minor
    head.fields = parsed.fields
    head.keep_alive = minor == 1
    _read_special(head, parsed.special)
    if minor == 1 and not head.host:
        raise MessageRefused(BAD_REQUEST, "bad_host")
    if authority is not None and authority.lower() != head.authority.lower():
        raise MessageRefused(BAD_REQUEST, "host_mismatch")
    # After a head that announces a body llhttp waits for that body, which it will never be shown; Upgrade parks it.
    parsed.is_spent = head.has_body or parser.should_upgrade()
    return head


def _minor_version(method: bytes, target: bytes, raw: bytes) -> int:
    """0 or 1. The request line must be spelled in the one way that RFC 9112 section 3 gives; llhttp is wider."""
    start = 0
    while raw.startswith(b"\r\n", start):
        start += 2
    line = method + b" " + target + b" HTTP/1."
    if raw.startswith(line, start):
        digit = raw[start + len(line) : start + len(line) + 3]
        if digit == b"1\r\n":
            return 1
        if digit == b"0\r\n":
            return 0
    if _LATER_VERSION.match(raw, start) is not None:
        raise MessageRefused(VERSION_NOT_SUPPORTED, "bad_version")
    raise MessageRefused(BAD_REQUEST, "bad_request_line")


def _read_special(head: RequestHead, special: list[Field]) -> None:
    """Host, framing and connection options; what only the gateway may say about forwarding is set aside."""
    for kind, value in special:
        if kind == b"host":
            _read_host(head, value)
        elif kind == b"connection":
            _read_connection(head, value)
        elif kind == b"content-length":
            length = length_of(value)
            if length is None or head.content_length >= 0:
                raise MessageRefused(BAD_REQUEST, "bad_cl")
            head.content_length = length
        elif kind == b"transfer-encoding":
            _read_transfer_encoding(head, value)
        elif kind in FORWARDING:
            if head.forwarding is None:
                head.forwarding = []
            head.forwarding.append((kind, value))
        elif kind == b"x-request-id":
            head.request_id = value
        elif kind == b"expect":
            if value.lower() != b"100-continue":
                raise MessageRefused(EXPECTATION_FAILED, "bad_expect")
            head.expects_continue = True
        elif kind == b"te":
            head.takes_trailers = head.takes_trailers or has_token(value, b"trailers")
    if head.chunked and head.content_length >= 0:
        raise MessageRefused(BAD_REQUEST, "cl_te")
    if head.minor == 0:
        head.expects_continue = False  # RFC 9110 section 10.1.1
        head.takes_trailers = False


def _read_host(head: RequestHead, value: bytes) -> None:
    host = host_of(value)
    if host is None or head.authority:
        raise MessageRefused(BAD_REQUEST, "bad_host")
    head.authority = value
    head.host = host


def _read_connection(head: RequestHead, value: bytes) -> None:
    options = connection_options(value)
    if options is None:
        raise MessageRefused(BAD_REQUEST, "bad_connection")
    if options.close:
        head.keep_alive = False
    elif options.keep_alive and head.minor == 0:
        head.keep_alive = True
    removable = options.names - NOT_REMOVABLE
    if removable:
        head.fields = [field for field in head.fields if field[0].lower() not in removable]


def _read_transfer_encoding(head: RequestHead, value: bytes) -> None:
    if head.minor == 0 or head.chunked:
        raise MessageRefused(BAD_REQUEST, "bad_te")
    if not is_chunked(value):
        raise MessageRefused(CODING_NOT_IMPLEMENTED, "bad_te")
    head.chunked = True


def _check_lines(parsed: _HeadCallbacks) -> None:
    if len(parsed.target) > MAX_LINE_BYTES:
        raise MessageRefused(URI_TOO_LONG, "target_too_long")
    for name, value in parsed.fields + parsed.special:
        if len(name) + len(value) + 4 > MAX_LINE_BYTES:
            raise MessageRefused(HEADERS_TOO_LARGE, "field_too_long")


def _too_large(raw: bytes) -> MessageRefused:
    line_end = raw.find(b"\r\n", len(raw) - len(raw.lstrip(b"\r\n")))
    if line_end < 0 or line_end > MAX_LINE_BYTES:
        return MessageRefused(URI_TOO_LONG, "target_too_long")
    return MessageRefused(HEADERS_TOO_LARGE, "head_too_large")


def _refused(error: HttpParserError, raw: bytes) -> MessageRefused:
    """llhttp's verdict as ours; its texts are fixed strings without anything of the caller's."""
    raw = raw.lstrip(b"\r\n")
    if isinstance(error, HttpParserInvalidMethodError) and _TOKEN_AND_SPACE.match(raw) is not None:
        return MessageRefused(METHOD_NOT_ALLOWED._replace(closes=True), "unknown_method")
    text = str(error)
    if "Transfer-Encoding" in text:
        return MessageRefused(BAD_REQUEST, "cl_te")
    if "Content-Length" in text:
        return MessageRefused(BAD_REQUEST, "bad_cl")
    if "version" in text.lower():
        later = _LATER_VERSION.match(raw) is not None
        return MessageRefused(VERSION_NOT_SUPPORTED if later else BAD_REQUEST, "bad_version")
    return MessageRefused(BAD_REQUEST, "bad_target" if "url" in text.lower() else "bad_header")


__all__ = ["DROP", "HEAD_OCTETS", "Phase", "RequestEvents", "RequestReader"]
