"""Connections counted before they have shaken hands, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from gateway_harness.certificates import Authority
from gateway_harness.sides import NotingHandler
from moongate.core.plans import CertificatePlan, ListenerTlsPlan
from moongate.net.server import Server
from moongate.net.tls import ListenerTls
from moongate.net.tls_acceptor import TlsAcceptor
from moongate.net.wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path


class Accepting:
    """An acceptor whose requests are answered with their path."""

    def __init__(self, ca: Authority) -> None:
        loop = asyncio.get_running_loop()
        pair = ca.issue("a.test")
        tls = ListenerTls(ListenerTlsPlan((CertificatePlan(str(pair.certificate), str(pair.key)),)))
        self.ca = ca
        self.server = Server(loop, Wheel(loop), NotingHandler(answers_at_once=True))
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.address = self.sock.getsockname()
        self.acceptor = TlsAcceptor(self.sock, self.server, tls)

    @property
    def counted(self) -> int:
        return self.server.admission.count

    async def half_open(self) -> socket.socket:
        """A client that says nothing."""
        sock = socket.socket()
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, self.address)
        except OSError:
            sock.close()
            raise
        return sock

    async def whole(self) -> asyncio.StreamWriter:
        """A client that has shaken hands and had an answer."""
        reader, writer = await asyncio.open_connection(*self.address, ssl=self.ca.trusting(), server_hostname="a.test")
        writer.write(b"GET /here HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert await reader.readline() == b"/here\n"
        return writer

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 - it is the kernel's turn, and it tells nobody
                await asyncio.sleep(0.001)


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Callable[[Accepting], Coroutine[Any, Any, None]]], None]:
    def run(scenario: Callable[[Accepting], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            accepting = Accepting(Authority(tmp_path))
            try:
                await scenario(accepting)
            finally:
                accepting.acceptor.close()
                for connection in list(accepting.server.connections):
                    connection.abort()
                await accepting.until(lambda: not accepting.server.connections)
            assert accepting.counted == 0

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())

    return run


def test_a_connection_is_counted_once_all_its_life(run: Any) -> None:
    async def scenario(accepting: Accepting) -> None:
        writers = [await accepting.whole() for _ in range(3)]
        assert accepting.counted == len(accepting.server.connections) == 3
        for writer in writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        await accepting.until(lambda: accepting.counted == 0)

    run(scenario)


def test_half_a_handshake_counts_and_is_let_go(run: Any) -> None:
    async def scenario(accepting: Accepting) -> None:
        socks = [await accepting.half_open() for _ in range(3)]
        await accepting.until(lambda: accepting.counted == 3)
        assert not accepting.server.connections
        loop = asyncio.get_running_loop()
        socks[0].close()
        await loop.sock_sendall(socks[1], b"GET / HTTP/1.1\r\nHost: plain\r\n\r\n")
        await loop.sock_sendall(socks[2], b"\x16\x03\x01")
        await accepting.until(lambda: accepting.counted == 1)
        socks[2].close()
        await accepting.until(lambda: accepting.counted == 0)
        socks[1].close()

    run(scenario)


def test_beyond_the_share_of_an_address_a_connection_is_closed_unread(run: Any) -> None:
    async def scenario(accepting: Accepting) -> None:
        accepting.server.admission.max_per_address = 2
        socks = [await accepting.half_open() for _ in range(2)]
        await accepting.until(lambda: accepting.counted == 2)
        with pytest.raises(OSError):
            await accepting.whole()
        assert accepting.server.admission.refused == 1
        for sock in socks:
            sock.close()
        await accepting.until(lambda: accepting.counted == 0)
        (await accepting.whole()).close()

    run(scenario)


def test_many_at_once_are_all_taken(run: Any) -> None:
    async def scenario(accepting: Accepting) -> None:
        socks = [await accepting.half_open() for _ in range(200)]
        await accepting.until(lambda: accepting.counted == 200)
        for sock in socks:
            sock.close()
        await accepting.until(lambda: accepting.counted == 0)

    run(scenario)


def test_a_closed_acceptor_takes_nobody_and_keeps_who_is_there(run: Any) -> None:
    async def scenario(accepting: Accepting) -> None:
        writer = await accepting.whole()
        accepting.acceptor.close()
        accepting.acceptor.close()
        with pytest.raises(ConnectionRefusedError):
            await accepting.half_open()
        writer.write(b"GET /again HTTP/1.1\r\nHost: a.test\r\n\r\n")
        await accepting.until(lambda: len(accepting.server.handler.paths) == 2)  # type: ignore[attr-defined]
        writer.close()

    run(scenario)
