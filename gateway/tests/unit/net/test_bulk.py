"""Large bodies in small pieces: on real sockets, because it is the loop's way of reading that is changed."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING, Any, cast

import pytest
import uvloop

from gateway_harness.fake_transport import FakeTransport
from gateway_harness.ticking import Ticking
from moongate.core.limits import QUICK_AFTER_BYTES, QUICK_READ_BYTES, READ_BYTES
from moongate.net.bulk import BulkReader, read_at_once, read_in_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

BLOCK = os.urandom(QUICK_AFTER_BYTES)


class Recorder(asyncio.Protocol):
    """Notes what it is told."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.data = b""
        self.calls: list[str] = []
        self.on_data: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.calls.append("made")

    def data_received(self, data: bytes) -> None:
        assert type(data) is bytes
        self.sizes.append(len(data))
        self.data += data
        if self.on_data is not None:
            self.on_data()

    def eof_received(self) -> None:
        self.calls.append("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self.calls.append("lost")

    def pause_writing(self) -> None:
        self.calls.append("pause")

    def resume_writing(self) -> None:
        self.calls.append("resume")


class Pair:
    """A protocol under test and the other end of its connection."""

    def __init__(self, protocol: Recorder, peer: socket.socket) -> None:
        self.protocol = protocol
        self.peer = peer

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.peer, data)

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 - it is the kernel's turn, and it tells nobody
                await asyncio.sleep(0.001)


def run(scenario: Callable[[Pair], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        protocol = Recorder()
        server = await loop.create_server(lambda: protocol, "127.0.0.1", 0)
        with socket.socket() as peer:
            peer.setblocking(False)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            await loop.sock_connect(peer, server.sockets[0].getsockname())
            pair = Pair(protocol, peer)
            await pair.until(lambda: protocol.calls == ["made"])
            try:
                await scenario(pair)
            finally:
                protocol.transport.abort()
                server.close()
                await pair.until(lambda: "lost" in protocol.calls)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_pieces_are_small_and_nothing_is_lost_or_turned_round() -> None:
    async def scenario(pair: Pair) -> None:
        read_in_pieces(pair.protocol.transport, pair.protocol)
        await pair.send(BLOCK)
        await pair.until(lambda: len(pair.protocol.data) == len(BLOCK))
        assert pair.protocol.data == BLOCK
        assert max(pair.protocol.sizes) <= READ_BYTES
        assert pair.protocol.transport.is_reading()

    run(scenario)


def test_pieces_grow_while_the_receiver_keeps_up_and_shrink_when_it_does_not() -> None:
    async def scenario(pair: Pair) -> None:
        protocol, transport = pair.protocol, pair.protocol.transport
        read_in_pieces(transport, protocol)
        await pair.send(BLOCK)
        await pair.until(lambda: len(protocol.data) == len(BLOCK))
        protocol.sizes.clear()
        transport.pause_reading()  # so that all of it is there
        await pair.send(BLOCK)
        transport.resume_reading()
        await pair.until(lambda: len(protocol.data) == 2 * len(BLOCK))
        assert READ_BYTES < max(protocol.sizes) <= QUICK_READ_BYTES
        protocol.on_data = transport.pause_reading
        await pair.send(BLOCK)
        await pair.until(lambda: len(protocol.data) > 2 * len(BLOCK))
        protocol.on_data = None
        protocol.sizes.clear()
        transport.resume_reading()
        await pair.until(lambda: len(protocol.data) == 3 * len(BLOCK))
        assert max(protocol.sizes) <= READ_BYTES
        assert protocol.data == 3 * BLOCK

    run(scenario)


def test_switched_there_and_back_while_octets_come() -> None:
    """The switch happens within data_received, as it does when a head announces a large body or a body ends."""

    async def scenario(pair: Pair) -> None:
        protocol = pair.protocol
        in_pieces = False

        def switch() -> None:
            nonlocal in_pieces
            in_pieces = not in_pieces
            (read_in_pieces if in_pieces else read_at_once)(protocol.transport, protocol)

        protocol.on_data = switch
        for _ in range(10):
            await pair.send(BLOCK)
        await pair.until(lambda: len(protocol.data) == 10 * len(BLOCK))
        assert protocol.data == 10 * BLOCK

    run(scenario)


@pytest.mark.parametrize("switch", [read_in_pieces, read_at_once])
def test_a_connection_that_is_not_read_stays_unread(
    switch: Callable[[asyncio.Transport, asyncio.Protocol], None],
) -> None:
    async def scenario(pair: Pair) -> None:
        transport = pair.protocol.transport
        transport.pause_reading()
        switch(transport, pair.protocol)
        await pair.send(b"later")
        await asyncio.sleep(0.05)
        assert not pair.protocol.data
        transport.resume_reading()
        await pair.until(lambda: pair.protocol.data == b"later")

    run(scenario)


def test_paused_between_two_pieces() -> None:
    """What flow control does to a body whose next stop is full: not one piece more comes."""

    async def scenario(pair: Pair) -> None:
        protocol, transport = pair.protocol, pair.protocol.transport
        read_in_pieces(transport, protocol)
        protocol.on_data = transport.pause_reading
        await pair.send(BLOCK)
        await pair.until(lambda: protocol.data)
        await asyncio.sleep(0.02)
        assert len(protocol.data) <= READ_BYTES
        protocol.on_data = None
        transport.resume_reading()
        await pair.until(lambda: protocol.data == BLOCK)

    run(scenario)


def test_the_end_and_flow_control_reach_the_protocol() -> None:
    async def scenario(pair: Pair) -> None:
        protocol = pair.protocol
        protocol.transport.set_write_buffer_limits(1000, 100)
        read_in_pieces(protocol.transport, protocol)
        protocol.transport.write(bytes(16 << 20))
        assert protocol.calls == ["made", "pause"]
        loop, received = asyncio.get_running_loop(), 0
        while received < 16 << 20:
            received += len(await loop.sock_recv(pair.peer, 1 << 20))
        await pair.until(lambda: protocol.calls == ["made", "pause", "resume"])
        pair.peer.close()
        await pair.until(lambda: "lost" in protocol.calls)
        assert protocol.calls == ["made", "pause", "resume", "eof", "lost"]

    run(scenario)


def test_the_buffer_is_shared_and_its_content_is_not() -> None:
    one, other = Recorder(), Recorder()
    time = Ticking()
    readers = [BulkReader(FakeTransport(time.loop, each), each) for each in (one, other)]
    for reader, data in zip(readers, (b"first", b"other"), strict=True):
        buffer = reader.get_buffer(-1)
        buffer[: len(data)] = data
        reader.buffer_updated(len(data))
    assert (one.data, other.data) == (b"first", b"other")
    assert readers[0].get_buffer(-1) is readers[1].get_buffer(-1)
