"""Responses from bytes, for the client side: as strict as requests, because a poisoned answer reaches other callers.

Whatever is ambiguous raises MessageRefused with UPSTREAM_PROTOCOL_ERROR; the connection must not be used again.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, Protocol

from moongate.core.errors import MessageRefused
from moongate.core.limits import MAX_HEAD_BYTES, MAX_INTERIM_RESPONSES, READ_BYTES
from moongate.protocol.http1.chunked import ChunkedDecoder
from moongate.protocol.http1.response_head import ResponseHeadParser, refused

if TYPE_CHECKING:
    from moongate.core.message import Field, ResponseHead

_END: Final = b"\r\n\r\n"


class Phase(enum.Enum):
    """Where the reader stands in a response."""

    IDLE = "idle"  # nothing was asked: any octet is unsolicited
    HEAD = "head"
    LENGTH = "length"
    CHUNKED = "chunked"
    UNTIL_EOF = "until_eof"


IDLE: Final = Phase.IDLE  # see request.py
HEAD: Final = Phase.HEAD
LENGTH: Final = Phase.LENGTH
CHUNKED: Final = Phase.CHUNKED
UNTIL_EOF: Final = Phase.UNTIL_EOF


class ResponseEvents(Protocol):
    """Who is told what was read. ``response_head`` brings the body octets that came along, decoded, and whether that is
    all."""

    def response_interim(self, head: ResponseHead) -> None: ...
    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None: ...
    def response_body(self, data: bytes) -> None: ...
    def response_end(self, trailers: list[Field]) -> None: ...


class ResponseReader:
    """Reads the responses of one connection, one for each ``expect``. ``receive`` raises MessageRefused."""

    __slots__ = (
        "_bodiless",
        "_chunks",
        "_events",
        "_head",
        "_interim",
        "_may_upgrade",
        "_parser",
        "_pieces",
        "_remaining",
        "_size",
        "phase",
    )

    _events: ResponseEvents
    _head: ResponseHead

    def __init__(self) -> None:
        self._parser = ResponseHeadParser()
        self._pieces: list[bytes] = []  # of a head that is not whole yet
        self._size = 0  # octets in them
        self._bodiless = False
        self._may_upgrade = False
        self._interim = 0
        self._remaining = 0
        self._chunks: ChunkedDecoder | None = None
        self.phase = IDLE

    @property
    def has_begun(self) -> bool:
        """Whether any octet of the expected response was read."""
        return self.phase is not HEAD or self._size > 0 or self._interim > 0

    @property
    def is_long(self) -> bool:
        """Whether much more of the present response may come."""
        return self.phase is CHUNKED or self.phase is UNTIL_EOF or self._remaining > READ_BYTES

    def hand_over(self, events: ResponseEvents) -> None:
        """``events`` hears of what comes from now on."""
        self._events = events

    def await_upgrade(self) -> None:
        """The request asked for an upgrade; a 101 may be its answer."""
        self._may_upgrade = True

    def expect(self, method: bytes, events: ResponseEvents) -> None:
        """A request with ``method`` was sent: the next response is its answer, and ``events`` hears of it."""
        self._may_upgrade = False
        self._events = events
        self._bodiless = method == b"HEAD"
        self._interim = 0
        self.phase = HEAD

    def receive(self, data: bytes) -> None:
        """Read ``data``, telling ``events``. What comes behind a response is dropped, and its head then says that the
        connection is not kept alive."""
        phase = self.phase
        if phase is HEAD:
            if not self._size and 4 <= (end := data.find(_END) + 4) <= MAX_HEAD_BYTES:
                parser, raw, rest = self._parser, data[:end], data[end:]
                head = parser.head if raw == parser.raw else parser.read(raw)  # which asks that too, for a call more
                if head.content_length == len(rest) and head.may_have_body and not self._bodiless:
                    self.phase = IDLE  # most responses, in one step
                    self._events.response_head(head, rest, True)
                else:
                    self._take_head(head, rest)
            else:
                self._receive_piece(data)
        elif phase is LENGTH:
            self._receive_length(data)
        elif phase is CHUNKED:
            self._receive_chunks(data)
        elif phase is UNTIL_EOF:
            self._events.response_body(data)
        else:
            raise refused("upstream_desync")

    def receive_eof(self) -> bool:
        """The upstream ended its side. Whether that was a proper end of the response."""
        if self.phase is not UNTIL_EOF:
            return False
        self.phase = IDLE
        self._events.response_end([])
        return True

    def _receive_piece(self, data: bytes) -> None:
        """Some of a head, which comes in several pieces or is too large."""
        tail = b"".join(self._pieces[-3:])[-3:]
        found = (tail + data).find(_END)
        end = found + 4 - len(tail) if found >= 0 else len(data)
        if self._size + end > MAX_HEAD_BYTES:
            raise refused("response_head_too_large")
        raw, rest = data[:end], data[end:]
        if found < 0:
            self._pieces.append(raw)
            self._size += end
            return
        raw = b"".join((*self._pieces, raw))
        self._pieces = []
        self._size = 0
        self._take_head(self._parser.read(raw), rest)

    def _take_head(self, head: ResponseHead, rest: bytes) -> None:
        if head.status == 101 and self._may_upgrade:
            self.phase = UNTIL_EOF
            head.keep_alive = False
            self._events.response_head(head, rest, False)
        elif head.status < 200:
            self._receive_interim(head, rest)
        else:
            self._begin_body(head, rest)

    def _receive_interim(self, head: ResponseHead, rest: bytes) -> None:
        self._interim += 1
        if head.status == 101 or self._interim > MAX_INTERIM_RESPONSES:
            raise refused("unexpected_interim_response")
        if head.chunked or head.content_length > 0:
            raise refused("interim_with_body")
        self._events.response_interim(head)
        if rest:
            self.receive(rest)

    def _begin_body(self, head: ResponseHead, rest: bytes) -> None:
        self._head = head
        if self._bodiless or not head.may_have_body:
            if head.status == 204 and (head.chunked or head.content_length > 0):
                head.keep_alive = False  # it ends here (RFC 9112 section 6.3), but does its sender know?
            self._end_at_once(head, b"", rest)
        elif head.chunked:
            self.phase = CHUNKED
            self._chunks = ChunkedDecoder()
            self._events.response_head(head, b"", False)
            if rest and self.phase is CHUNKED:
                self._receive_chunks(rest)
        elif head.content_length >= 0:
            missing = head.content_length - len(rest)
            if missing <= 0:
                self._end_at_once(head, rest[: head.content_length], rest[head.content_length :])
            else:
                self._remaining = missing
                self.phase = LENGTH
                self._events.response_head(head, rest, False)
        else:
            self.phase = UNTIL_EOF
            head.keep_alive = False
            self._events.response_head(head, rest, False)

    def _end_at_once(self, head: ResponseHead, body: bytes, surplus: bytes) -> None:
        if surplus:
            head.keep_alive = False  # nobody asked for it: this connection is out of step
        self.phase = IDLE
        self._events.response_head(head, body, True)

    def _receive_length(self, data: bytes) -> None:
        missing = self._remaining - len(data)
        if missing > 0:
            self._remaining = missing
            self._events.response_body(data)
            return
        if missing < 0:
            self._head.keep_alive = False
            data = data[: self._remaining]
        self._remaining = 0
        self.phase = IDLE
        self._events.response_body(data)
        self._events.response_end([])

    def _receive_chunks(self, data: bytes) -> None:
        chunks = self._chunks
        assert chunks is not None
        try:
            pieces, rest = chunks.feed(data)
        except MessageRefused as error:
            raise refused(error.reason) from None
        if rest:
            self._head.keep_alive = False
        if pieces:
            self._events.response_body(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if chunks.is_done and self.phase is CHUNKED:
            self.phase = IDLE
            self._chunks = None
            self._events.response_end(chunks.trailers)
