"""What the readers of `moongate.protocol` make of octets, however the network cuts them.

A message must mean the same whole, cut in two at any place, octet by octet, and with another behind it: `cuts` gives
the ways, `read_requests` and `read_response` the meaning, as values that can be compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from moongate.core.errors import MessageRefused
from moongate.core.message import fields_of
from moongate.protocol.http1.request import Phase, RequestReader
from moongate.protocol.http1.response import ResponseReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moongate.core.message import Field, RequestHead, ResponseHead


class Refusal(NamedTuple):
    """What a caller is told of a message, and the reason in the log."""

    status: int
    code: str
    reason: str

    @classmethod
    def of(cls, refused: MessageRefused) -> Refusal:
        return cls(refused.failure.status, refused.failure.code, refused.reason)


class Framing(NamedTuple):
    """What a request's head says about body and connection."""

    content_length: int
    chunked: bool
    keep_alive: bool
    expects_continue: bool
    takes_trailers: bool


class ReadHead(NamedTuple):
    """A request's head, as values."""

    method: bytes
    path: bytes
    query: bytes
    minor: int
    host: bytes
    authority: bytes
    fields: tuple[Field, ...]
    framing: Framing
    request_id: bytes | None
    forwarding: tuple[Field, ...]

    @classmethod
    def of(cls, head: RequestHead) -> ReadHead:
        section = head.section
        assert section.has_body == (section.chunked or section.content_length > 0)
        framing = Framing(
            section.content_length,
            section.chunked,
            section.keep_alive,
            section.expects_continue,
            section.takes_trailers,
        )
        return cls(
            head.method,
            head.path,
            head.query,
            head.minor,
            section.host,
            section.authority,
            tuple(fields_of(section.lines)),
            framing,
            section.request_id,
            tuple(section.forwarding or ()),
        )


class ReadRequest(NamedTuple):
    """A request. ``is_whole`` where its end was reached."""

    head: ReadHead
    body: bytes
    trailers: tuple[Field, ...]
    is_whole: bool


class ReadResponse(NamedTuple):
    """A response. ``keep_alive`` as it stood when the response ended, or the octets did."""

    status: int
    reason: bytes
    fields: tuple[Field, ...]
    body: bytes
    trailers: tuple[Field, ...]
    interim: tuple[int, ...]
    keep_alive: bool
    is_whole: bool


class _RequestLog:
    def __init__(self) -> None:
        self.messages: list[ReadRequest | Refusal] = []

    def request_head(self, head: RequestHead) -> None:
        self.messages.append(ReadRequest(ReadHead.of(head), b"", (), is_whole=not head.section.has_body))

    def request_body(self, data: bytes) -> None:
        last = self._open()
        self.messages[-1] = last._replace(body=last.body + data)

    def request_end(self, trailers: list[Field]) -> None:
        self.messages[-1] = self._open()._replace(trailers=tuple(trailers), is_whole=True)

    def _open(self) -> ReadRequest:
        last = self.messages[-1]
        assert isinstance(last, ReadRequest)
        assert not last.is_whole
        return last


def read_requests(pieces: Iterable[bytes]) -> list[ReadRequest | Refusal]:
    """Every request in ``pieces`` in order, and the refusal that ended the reading, if one did."""
    log = _RequestLog()
    reader = RequestReader(log)
    try:
        for piece in pieces:
            rest = piece
            while rest:
                rest = reader.receive(rest)
                if reader.phase is Phase.DONE:
                    reader.next_message()
    except MessageRefused as refused:
        log.messages.append(Refusal.of(refused))
    return log.messages


class _ResponseLog:
    def __init__(self) -> None:
        self.head: ResponseHead | None = None
        self.interim: list[int] = []
        self.body = b""
        self.trailers: list[Field] = []
        self.is_whole = False
        self.keep_alive = False

    def response_interim(self, head: ResponseHead) -> None:
        assert self.head is None
        self.interim.append(head.status)

    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None:
        assert self.head is None
        self.head = head
        self.body = body
        if ended:
            self._end()

    def response_body(self, data: bytes) -> None:
        assert not self.is_whole
        self.body += data

    def response_end(self, trailers: list[Field]) -> None:
        self.trailers = trailers
        self._end()

    def _end(self) -> None:
        assert not self.is_whole
        assert self.head is not None
        self.is_whole = True
        self.keep_alive = self.head.keep_alive


def read_response(
    pieces: Iterable[bytes], method: bytes = b"GET", *, then_eof: bool = False
) -> ReadResponse | Refusal | None:
    """The response in ``pieces`` to a request with ``method``; None where its head is not whole."""
    log = _ResponseLog()
    reader = ResponseReader()
    reader.expect(method, log)
    try:
        for piece in pieces:
            if log.is_whole:
                break  # whose octets these are, the connection decides
            reader.receive(piece)
        if then_eof:
            reader.receive_eof()
    except MessageRefused as refused:
        return Refusal.of(refused)
    head = log.head
    if head is None:
        return None
    return ReadResponse(
        head.status,
        head.reason,
        tuple(fields_of(head.lines)),
        log.body,
        tuple(log.trailers),
        tuple(log.interim),
        log.keep_alive if log.is_whole else head.keep_alive,
        log.is_whole,
    )


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """Whole, in two at every place, and octet by octet."""
    yield [data]
    for place in range(1, len(data)):
        yield [data[:place], data[place:]]
    yield octets(data)


def octets(data: bytes) -> list[bytes]:
    """``data`` in pieces of one octet."""
    return [data[place : place + 1] for place in range(len(data))]
