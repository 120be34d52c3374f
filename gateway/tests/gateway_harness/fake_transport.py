"""A transport made of bytes: what the code under test wrote, and what its peer does, step by step."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

    from gateway_harness.fake_loop import FakeLoop


class FakeTransport(asyncio.Transport):
    """Behaves as uvloop's TCP transport does where Moongate can tell the difference.

    ``connection_lost`` comes one turn of the loop after the end; what was written before ``close`` is still sent, what
    was written before ``abort`` and not taken by the peer is not; reading can be paused; writing after ``write_eof`` is
    an error.
    """

    def __init__(self, loop: FakeLoop, protocol: Any, peer: tuple[str, int] = ("192.0.2.7", 4711)) -> None:
        super().__init__({"peername": peer})
        self._loop = loop
        self._protocol = protocol
        self._high, self._low = 64 * 1024, 16 * 1024
        self._buffer = b""
        self._is_stalled = False
        self._is_full = False
        self._is_lost = False
        self.sent = b""  # what the peer got
        self.is_reading_paused = False
        self.eof_written = False
        self.is_aborted = False
        self.is_closed = False
        self.lost_calls = 0
        protocol.connection_made(self)

    def join(self, sock: socket.socket) -> None:
        """Have ``sock`` for what is asked of the socket itself."""
        self._extra["socket"] = sock

    # -- what the code under test calls

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.eof_written:
            raise RuntimeError("Cannot call write() after write_eof()")
        if self._is_lost or self.is_aborted:
            return
        self._buffer += bytes(data)
        if not self._is_stalled:
            self._flush()
        elif len(self._buffer) > self._high and not self._is_full:
            self._is_full = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(bytes(piece) for piece in list_of_data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high, self._low = high or 0, low or 0

    def get_write_buffer_size(self) -> int:
        return len(self._buffer)

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.eof_written = True

    def is_closing(self) -> bool:
        return self.is_closed or self.is_aborted

    def close(self) -> None:
        if not self.is_closing():
            self.is_closed = True
            if not self._buffer:
                self._lose(None)

    def abort(self) -> None:
        if not self.is_aborted:
            self.is_aborted = True
            self._buffer = b""
            self._lose(None)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def is_reading(self) -> bool:
        return not self.is_reading_paused and not self.is_closing()

    def pause_reading(self) -> None:
        self.is_reading_paused = True

    def resume_reading(self) -> None:
        self.is_reading_paused = False

    # -- what the peer does

    def receive(self, data: bytes) -> None:
        """The peer sent ``data``."""
        while data:
            assert not self.is_reading_paused, "the transport was told not to read"
            protocol = self._protocol
            if isinstance(protocol, asyncio.BufferedProtocol):
                buffer = protocol.get_buffer(-1)
                size = min(len(buffer), len(data))
                buffer[:size] = data[:size]  # type: ignore[index]
                protocol.buffer_updated(size)
                data = data[size:]
            else:
                protocol.data_received(data)
                data = b""

    def receive_eof(self) -> None:
        """The peer ended its side."""
        if not self._protocol.eof_received():
            self.close()
        self._loop.run_until_quiet()

    def reset(self) -> None:
        """The peer broke the connection."""
        self.is_aborted = True
        self._lose(ConnectionResetError())
        self._loop.run_until_quiet()

    def stall(self) -> None:
        """The peer reads no more."""
        self._is_stalled = True

    def take(self, size: int) -> None:
        """The peer reads ``size`` octets of what waits for it."""
        self.sent += self._buffer[:size]
        self._buffer = self._buffer[size:]
        self._after_flush()

    def unstall(self) -> None:
        """The peer reads everything, and goes on reading."""
        self._is_stalled = False
        self._flush()
        self._after_flush()

    def take_sent(self) -> bytes:
        """What the peer got since this was last asked."""
        sent, self.sent = self.sent, b""
        return sent

    def _flush(self) -> None:
        self.sent += self._buffer
        self._buffer = b""

    def _after_flush(self) -> None:
        if self._is_full and len(self._buffer) <= self._low:
            self._is_full = False
            self._protocol.resume_writing()
        if self.is_closed and not self._buffer:
            self._lose(None)

    def _lose(self, exc: Exception | None) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._loop.call_soon(self._call_lost, exc)

    def _call_lost(self, exc: Exception | None) -> None:
        self.lost_calls += 1
        self._protocol.connection_lost(exc)
