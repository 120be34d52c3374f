"""Responses from bytes, for the client side: as strict as requests, because a poisoned answer reaches other callers.

Whatever is ambiguous raises MessageRefused with UPSTREAM_PROTOCOL_ERROR; the connection must not be used again.
"""

from __future__ import annotations

import enum
import re
from typing import Final, Protocol

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from moongate.core.errors import UPSTREAM_PROTOCOL_ERROR, MessageRefused
from moongate.core.fields import RESPONSE_KINDS
from moongate.core.limits import MAX_FIELDS, MAX_HEAD_BYTES, MAX_INTERIM_RESPONSES
from moongate.core.message import Field, ResponseHead
from moongate.protocol.http1.chunked import ChunkedDecoder
from moongate.protocol.http1.framing import connection_options, is_chunked, length_of
from moongate.protocol.http1.request import HEAD_OCTETS

_END: Final = b"\r\n\r\n"
_IDLE_SECONDS: Final = re.compile(rb"(?i)(?:^|[,\s])timeout=([0-9]{1,6})")


class Phase(enum.Enum):
    """Where the reader stands in a response."""

    IDLE = "idle"  # nothing was asked: any octet is unsolicited
    HEAD = "head"
    LENGTH = "length"
    CHUNKED = "chunked"
    UNTIL_EOF = "until_eof"


class ResponseEvents(Protocol):
    """Who is told what was read. ``response_head`` brings the body octets that came along, decoded, and whether that is all."""

    def response_interim(self, head: ResponseHead) -> None: ...
    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None: ...
    def response_body(self, data: bytes) -> None: ...
    def response_end(self, trailers: list[Field]) -> None: ...


class ResponseReader:
    """Reads the responses of one connection, one for each ``expect``. ``receive`` raises MessageRefused."""

    __slots__ = ("_bodiless", "_chunks", "_events", "_interim", "_parsed", "_pieces", "_remaining", "phase")

    _events: ResponseEvents

    def __init__(self) -> None:
        self._parsed = _HeadCallbacks()
        self._pieces = b""
        self._bodiless = False
        self._interim = 0
        self._remaining = 0
        self._chunks: ChunkedDecoder | None = None
        self.phase = Phase.IDLE

    @property
    def has_begun(self) -> bool:
        """Whether any octet of the expected response was read."""
        return self.phase is not Phase.HEAD or bool(self._pieces) or self._interim > 0

    def expect(self, method: bytes, events: ResponseEvents) -> None:
        """A request with ``method`` was sent: the next response is its answer, and ``events`` hears of it."""
        self._events = events
        self._bodiless = method == b"HEAD"
        self._interim = 0
        self.phase = Phase.HEAD

    def receive(self, data: bytes) -> None:
        """Read all of ``data``, telling ``events``."""
        phase = self.phase
        if phase is Phase.HEAD:
            self._receive_head(data)
        elif phase is Phase.LENGTH:
            self._receive_length(data)
        elif phase is Phase.CHUNKED:
            self._receive_chunks(data)
        elif phase is Phase.UNTIL_EOF:
            self._events.response_body(data)
        else:
            raise _refused("upstream_desync")

    def receive_eof(self) -> bool:
        """The upstream ended its side. Whether that was a proper end of the response."""
        if self.phase is not Phase.UNTIL_EOF:
            return False
        self.phase = Phase.IDLE
        self._events.response_end([])
        return True

    def _receive_head(self, data: bytes) -> None:
        if self._pieces:
            data = self._pieces + data
        end = data.find(_END)
        if end < 0:
            if len(data) > MAX_HEAD_BYTES:
                raise _refused("response_head_too_large")
            self._pieces = data
            return
        self._pieces = b""
        raw = data[: end + 4]
        head = self._parsed.read(raw)
        rest = data[end + 4 :]
        if head.status < 200:
            self._receive_interim(head, rest)
        else:
            self._begin_body(head, rest)

    def _receive_interim(self, head: ResponseHead, rest: bytes) -> None:
        self._interim += 1
        if head.status == 101 or self._interim > MAX_INTERIM_RESPONSES:
            raise _refused("unexpected_interim_response")
        self._events.response_interim(head)
        if rest:
            self._receive_head(rest)

    def _begin_body(self, head: ResponseHead, rest: bytes) -> None:
        status = head.status
        if self._bodiless or status == 204 or status == 304:
            self._end_at_once(head, b"", rest)
        elif head.chunked:
            self.phase = Phase.CHUNKED
            self._chunks = ChunkedDecoder()
            self._events.response_head(head, b"", False)
            if rest and self.phase is Phase.CHUNKED:
                self._receive_chunks(rest)
        elif head.content_length >= 0:
            missing = head.content_length - len(rest)
            if missing <= 0:
                body = rest[: head.content_length] if missing else rest
                self._end_at_once(head, body, rest[head.content_length :])
            else:
                self._remaining = missing
                self.phase = Phase.LENGTH
                self._events.response_head(head, rest, False)
        else:
            self.phase = Phase.UNTIL_EOF
            head.keep_alive = False
            self._events.response_head(head, rest, False)

    def _end_at_once(self, head: ResponseHead, body: bytes, surplus: bytes) -> None:
        if surplus:
            head.keep_alive = False  # nobody asked for it: this connection is out of step
        self.phase = Phase.IDLE
        self._events.response_head(head, body, True)

    def _receive_length(self, data: bytes) -> None:
        missing = self._remaining - len(data)
        if missing > 0:
            self._remaining = missing
            self._events.response_body(data)
            return
        self.phase = Phase.IDLE
        if missing < 0:
            raise _refused("upstream_desync")
        self._events.response_body(data)
        self._events.response_end([])

    def _receive_chunks(self, data: bytes) -> None:
        chunks = self._chunks
        assert chunks is not None
        try:
            pieces, rest = chunks.feed(data)
        except MessageRefused as error:
            raise _refused(error.reason) from None
        if rest:
            raise _refused("upstream_desync")
        if pieces:
            self._events.response_body(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if chunks.is_done and self.phase is Phase.CHUNKED:
            self.phase = Phase.IDLE
            self._chunks = None
            self._events.response_end(chunks.trailers)


class _HeadCallbacks:
    """What httptools calls while it reads one head."""

    __slots__ = ("_fields", "_is_complete", "_reason", "_special")

    def __init__(self) -> None:
        self._reason = b""
        self._fields: list[Field] = []
        self._special: list[Field] = []
        self._is_complete = False

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        kind = RESPONSE_KINDS.of(name)
        if not kind:
            self._fields.append((name, value))
        else:
            self._special.append((kind, value))

    def on_headers_complete(self) -> None:
        self._is_complete = True

    def read(self, raw: bytes) -> ResponseHead:
        """One whole head. A parser is made for each: llhttp waits for the body, which it is never shown."""
        self._fields, self._special, self._reason, self._is_complete = [], [], b"", False
        parser = HttpResponseParser(self)
        try:
            parser.feed_data(raw)
        except HttpParserUpgrade:
            pass
        except HttpParserError:
            raise _refused("bad_response_head") from None
        if not self._is_complete or raw.translate(None, HEAD_OCTETS):
            raise _refused("bad_response_head")
        status: int = parser.get_status_code()
        # llhttp reads RTSP and ICE too, and skips empty lines before the status line.
        version = raw[:9]
        if version not in (b"HTTP/1.1 ", b"HTTP/1.0 ") or raw[9:12] != b"%d" % status or not 100 <= status <= 599:
            raise _refused("bad_status_line")
        if len(self._fields) + len(self._special) > MAX_FIELDS:
            raise _refused("too_many_fields")
        head = ResponseHead(status, self._reason, self._fields)
        head.minor = raw[7] - 0x30
        head.keep_alive = head.minor == 1
        _read_special(head, self._special)
        return head


def _read_special(head: ResponseHead, special: list[Field]) -> None:
    for kind, value in special:
        if kind == b"content-length":
            length = length_of(value)
            if length is None or head.content_length >= 0:
                raise _refused("bad_cl")
            head.content_length = length
        elif kind == b"transfer-encoding":
            if head.chunked or head.minor == 0 or not is_chunked(value):
                raise _refused("bad_te")
            head.chunked = True
        elif kind == b"connection":
            options = connection_options(value)
            if options is None:
                raise _refused("bad_connection")
            if options.close:
                head.keep_alive = False
            elif options.keep_alive and head.minor == 0:
                head.keep_alive = True
            if options.names:
                head.fields = [field for field in head.fields if field[0].lower() not in options.names]
        elif kind == b"keep-alive":
            found = _IDLE_SECONDS.search(value)
            head.idle_seconds = int(found[1]) if found is not None else 0
    if head.chunked and head.content_length >= 0:
        raise _refused("cl_te")


def _refused(reason: str) -> MessageRefused:
    return MessageRefused(UPSTREAM_PROTOCOL_ERROR, reason)
