"""The load for WebSockets: every connection sends a message, waits for its echo, sends the next."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import uvloop

from benchmarks.model import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGE = b"moongate " * 7 + b"!"
SENT = bytes((0x82, 0x80 | len(MESSAGE), 0, 0, 0, 0)) + MESSAGE
ECHOED = bytes((0x82, len(MESSAGE))) + MESSAGE
HANDSHAKE = (
    "GET /chat HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nOrigin: http://127.0.0.1\r\n\r\n"
)
CONNECTED_WITHIN_S = 15.0
WARM_UP_S = 1.0


@dataclass(slots=True)
class Tally:
    """What all connections have seen so far."""

    awaited: int
    """Connections that are not open yet; `settled` is set when it reaches 0, and by the first failure."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    messages: int = 0
    failure: str = ""

    def opened(self) -> None:
        self.awaited -= 1
        if self.awaited == 0:
            self.settled.set()

    def failed(self, why: str) -> None:
        self.failure = self.failure or why
        self.settled.set()


class Chatter(asyncio.Protocol):
    """One connection: handshake, then ping-pong."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._port = port
        self._tally = tally
        self._received = b""
        self._is_open = False
        self._write: Callable[[bytes], object]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = cast("asyncio.Transport", transport).write
        key = base64.b64encode(b"moongate moongate").decode()[:22] + "=="
        self._write(HANDSHAKE.format(port=self._port, key=key).encode())

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_open:
            head, end, self._received = self._received.partition(b"\r\n\r\n")
            if not end:
                self._received = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._tally.failed(f"no upgrade: {head[:80]!r}")
                return
            self._is_open = True
            self._tally.opened()
            self._write(SENT)
            return
        if len(self._received) < len(ECHOED):
            return
        if self._received != ECHOED:
            self._tally.failed(f"not the echo: {self._received[:40]!r}")
            return
        self._received = b""
        self._tally.messages += 1
        self._write(SENT)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.failed(f"a connection was lost: {exc}")


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Messages echoed (each one there and back) and the gateway's CPU seconds meanwhile."""

    messages: int
    seconds: float
    cpu_seconds: float


def run(port: int, connections: int, seconds: float, cpu_seconds: Callable[[], float]) -> Exchanged:
    """Open the connections, let them run warm for a second, then count; raises BenchmarkError on any failure."""
    return uvloop.run(_run(port, connections, seconds, cpu_seconds))


async def _run(port: int, connections: int, seconds: float, cpu_seconds: Callable[[], float]) -> Exchanged:
    loop, tally = asyncio.get_running_loop(), Tally(awaited=connections)
    opened = [await loop.create_connection(lambda: Chatter(port, tally), "127.0.0.1", port) for _ in range(connections)]
    try:
        return await _count(tally, connections, seconds, cpu_seconds)
    finally:
        for transport, _ in opened:  # a loop that is being closed would go on serving them
            transport.abort()


async def _count(tally: Tally, connections: int, seconds: float, cpu_seconds: Callable[[], float]) -> Exchanged:
    try:
        await asyncio.wait_for(tally.settled.wait(), CONNECTED_WITHIN_S)
    except TimeoutError:
        raise BenchmarkError(f"{tally.awaited} of {connections} WebSockets did not open") from None
    if tally.failure:
        raise BenchmarkError(tally.failure)
    await asyncio.sleep(WARM_UP_S)
    before, counted, began = cpu_seconds(), tally.messages, time.monotonic()
    await asyncio.sleep(seconds)
    spent = Exchanged(tally.messages - counted, time.monotonic() - began, cpu_seconds() - before)
    if tally.failure or not spent.messages:
        raise BenchmarkError(tally.failure or "no message came back")
    return spent
