"""An upstream connection: requests to bytes, bytes to responses, one exchange at a time.

It is always in one of three hands: of the exchange that leased it, of the pool, or of nobody because it is closed. The
pool hears of every end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol, cast

from moongate.core import limits
from moongate.core.errors import UPSTREAM_PROTOCOL_ERROR, UPSTREAM_TIMEOUT, Failure, MessageRefused
from moongate.net.bulk import bound_buffers, read_at_once, read_in_pieces
from moongate.net.wheel import NEVER, Wheel, ticks
from moongate.protocol.http1.response import ResponseReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moongate.core.ports import UpstreamEvents
    from moongate.net.turn import Turn

_STALL_TICKS: Final = ticks(limits.BODY_IDLE_SECONDS)


class Pool(Protocol):
    """Who owns the connection between two exchanges."""

    head_ticks: int
    body_ticks: int

    def count_stalled(self, is_stalled: bool) -> None: ...
    def take_back(self, connection: ClientConnection, idle_seconds: int) -> None: ...
    def forget(self, connection: ClientConnection) -> None: ...


class ClientConnection(asyncio.Protocol):
    """One connection to one target."""

    __slots__ = (
        "_exchange",
        "_is_asked",
        "_is_bulk",
        "_is_reading",
        "_is_stalled",
        "_is_stream",
        "_pool",
        "_reader",
        "_transport",
        "_turn",
        "_wheel",
        "due",
        "idle_since",
        "is_closing",
        "is_reused",
        "queued",
    )

    _transport: asyncio.Transport
    is_closing: Callable[[], bool]
    """Whether it was closed meanwhile, as far as is known."""

    def __init__(self, pool: Pool, wheel: Wheel, turn: Turn) -> None:
        self._pool = pool
        self._wheel = wheel
        self._turn = turn
        self._reader = ResponseReader()
        self._exchange: UpstreamEvents | None = None
        self._is_reading = True
        self._is_bulk = False
        self._is_asked = False  # the whole request is written
        self._is_stream = False
        self._is_stalled = False  # held without work for the service, by a slow client or a stream
        self.is_reused = False
        self.idle_since = 0  # tick
        self.due = self.queued = NEVER

    def __repr__(self) -> str:
        state = "idle" if self._exchange is None else "leased"
        return f"<ClientConnection {state} {self._reader.phase.value} reused={self.is_reused}>"

    # -- the upstream's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_closing = self._transport.is_closing
        bound_buffers(self._transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.receive(data)
        except MessageRefused as refused:
            self._lose(refused.failure, refused.reason)
            return
        if self._exchange is not None and not self._is_stream:
            self._expect_more()

    def _expect_more(self) -> None:
        if self._is_asked and self._reader.has_begun:  # else it was given to the next exchange within the call
            self._wheel.arm(self, self._pool.body_ticks)
        if self._reader.is_long:
            self._read_in_pieces()

    def _read_in_pieces(self) -> None:
        if not self._is_bulk:
            self._is_bulk = True
            read_in_pieces(self._transport, self)

    def eof_received(self) -> None:
        if self._exchange is not None and not self._reader.receive_eof():
            self._lose(UPSTREAM_PROTOCOL_ERROR, self._end_reason(), is_silent=not self._reader.has_begun)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wheel.disarm(self)
        self._stall(False)
        self._pool.forget(self)
        if self._exchange is not None:
            self._lose(UPSTREAM_PROTOCOL_ERROR, self._end_reason(), is_silent=not self._reader.has_begun)

    def pause_writing(self) -> None:
        if self._exchange is not None:
            self._wheel.arm(self, _STALL_TICKS)
            self._exchange.pause_request()

    def resume_writing(self) -> None:
        if self._exchange is not None:
            self.due = NEVER
            if self._is_asked:
                self.end_request()
            self._exchange.resume_request()

    def on_due(self) -> None:
        if self._exchange is None:
            self.close()
        elif self._is_reading:
            self._lose(UPSTREAM_TIMEOUT, "response_timeout" if self._reader.has_begun else "response_head_timeout")
        # else it is the client that is slow, and the client's deadline that counts

    def _end_reason(self) -> str:
        return "upstream_closed_early" if self._reader.has_begun else "upstream_closed"

    def _lose(self, failure: Failure, reason: str, *, is_silent: bool = False) -> None:
        exchange, self._exchange = self._exchange, None
        self._transport.abort()
        if exchange is not None:
            exchange.upstream_lost(failure, reason, is_silent)

    # -- what the proxy asks for (core.ports.Upstream)

    def begin(self, exchange: UpstreamEvents, method: bytes, data: bytes, is_whole: bool) -> None:
        self._exchange = exchange
        self._is_stream = False
        self._is_asked = is_whole
        if is_whole:
            self.due = due = self._wheel.now + self._pool.head_ticks
            if due < self.queued:
                self._wheel.queue(self, due)
        else:
            self.due = NEVER
            self._stall(True)
        self._reader.expect(method, exchange)
        if is_whole:
            pending = self._turn.pending
            if not pending:
                self._turn.begin()
            pending.append((self._transport, data))
        else:
            self._transport.write(data)

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self._transport.writelines(pieces)

    def end_request(self) -> None:
        self._is_asked = True
        self._stall(not self._is_reading or self._is_stream)
        if not self._reader.has_begun:
            self._wheel.arm(self, self._pool.head_ticks)

    def pause_reading(self) -> None:
        if self._is_reading and not self._transport.is_closing():
            self._is_reading = False
            self._transport.pause_reading()
            self._stall(True)

    def resume_reading(self) -> None:
        if not self._is_reading and not self._transport.is_closing():
            self._is_reading = True
            self._transport.resume_reading()
            self._stall(not self._is_asked or self._is_stream)
            if not self._is_stream:
                self._wheel.arm(self, self._pool.body_ticks)

    def await_upgrade(self) -> None:
        self._reader.await_upgrade()

    def hand_over(self, exchange: UpstreamEvents) -> None:
        self._exchange = exchange
        self._reader.hand_over(exchange)
        self.wait_forever()

    def wait_forever(self) -> None:
        self._is_stream = True
        self._stall(True)
        self.due = NEVER
        self._read_in_pieces()

    def release(self, idle_seconds: int) -> None:
        self._exchange = None
        self.is_reused = True
        if self._is_bulk:
            self._is_bulk = False
            read_at_once(self._transport, self)
        if not self._is_reading:
            self.resume_reading()
        if self._is_stalled:
            self._stall(False)
        self.idle_since = self._wheel.now
        self._pool.take_back(self, idle_seconds)

    def _stall(self, is_stalled: bool) -> None:
        if is_stalled is not self._is_stalled:
            self._is_stalled = is_stalled
            self._pool.count_stalled(is_stalled)

    def finish(self) -> None:
        self._exchange = None
        self._wheel.arm(self, _STALL_TICKS)  # a service that does not read the rest does not keep the socket
        self._transport.close()

    def close(self) -> None:
        self._exchange = None
        self._transport.abort()
