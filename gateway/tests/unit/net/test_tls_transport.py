"""TLS to clients on real sockets: counted before hands are shaken, whole whatever the pieces, ended in good order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from gateway_harness.certificates import Authority
from gateway_harness.fake_transport import FakeTransport
from gateway_harness.sides import NotingHandler
from gateway_harness.ticking import Ticking
from moongate.core.plans import CertificatePlan, ListenerTlsPlan
from moongate.net.server import Server
from moongate.net.tls import ListenerTls
from moongate.net.wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

GET = b"GET /%d HTTP/1.1\r\nHost: a.test\r\n\r\n"
POST = b"POST /up HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n"


class Accepting:
    """A server whose requests are answered with their path."""

    def __init__(self, ca: Authority) -> None:
        loop = asyncio.get_running_loop()
        pair = ca.issue("a.test")
        tls = ListenerTls(ListenerTlsPlan((CertificatePlan(str(pair.certificate), str(pair.key)),)))
        self.ca = ca
        self.server = Server(loop, Wheel(loop), NotingHandler(answers_at_once=True))
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.address = self.sock.getsockname()
        self.tls = tls

    async def open(self) -> None:
        make = partial(self.server.make_tls_connection, self.tls)
        self.acceptor = await asyncio.get_running_loop().create_server(make, sock=self.sock)

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
            await accepting.open()
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


class Peer:
    """A client made of octets, in front of a connection whose raw transport is played by hand."""

    def __init__(
        self, ca: Authority, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, *, min_version: str = "1.2"
    ) -> None:
        pair = ca.issue("a.test")
        certificate = CertificatePlan(str(pair.certificate), str(pair.key))
        tls = ListenerTls(ListenerTlsPlan((certificate,), min_version=min_version))
        self.time = Ticking()
        self.handler = NotingHandler()
        self.server = Server(self.time.loop.as_loop, self.time.wheel, self.handler)
        self.raw = FakeTransport(self.time.loop, self.server.make_tls_connection(tls))
        context = ca.trusting()
        context.minimum_version = context.maximum_version = version
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._in, self._out, server_hostname="a.test")

    def shake_hands(self, piece: int = 1 << 20) -> None:
        for _ in range(4):
            self._in.write(self.raw.take_sent())
            with contextlib.suppress(ssl.SSLWantReadError):
                self.tls.do_handshake()
            self.pass_on(piece)

    def send(self, data: bytes, piece: int = 1 << 20) -> None:
        self.tls.write(data)
        self.pass_on(piece)

    def pass_on(self, piece: int = 1 << 20) -> None:
        """What the client wrote goes to the gateway, so many octets at a time."""
        data = self._out.read()
        for start in range(0, len(data), piece):
            self.raw.receive(data[start : start + piece])
        self.time.loop.run_until_quiet()

    def received(self) -> bytes:
        """What the client can read by now; ssl.SSLZeroReturnError's like, an empty read, ends it too."""
        self._in.write(self.raw.take_sent())
        data = b""
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            while piece := self.tls.read(1 << 16):
                data += piece
        return data

    def says_goodbye(self) -> bool:
        """Sends its own; whether the gateway's has come."""
        self._in.write(self.raw.take_sent())
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            return False
        finally:
            self.pass_on()
        return True


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_it_makes_no_difference_how_the_octets_come(ca: Authority, version: ssl.TLSVersion, piece: int) -> None:
    peer = Peer(ca, version)
    peer.shake_hands(piece)
    assert peer.server.admission.count == len(peer.server.connections) == 1
    for number in range(3):
        peer.send(GET % number, piece)
        peer.handler.last.answer(b"answer %d" % number)
        assert peer.received() == b"answer %d" % number
    assert peer.handler.paths == ["/0", "/1", "/2"]


def test_what_comes_with_the_last_of_the_handshake_is_heard(ca: Authority) -> None:
    peer = Peer(ca)
    with contextlib.suppress(ssl.SSLWantReadError):
        peer.tls.do_handshake()
    peer.pass_on()
    peer._in.write(peer.raw.take_sent())
    peer.tls.do_handshake()
    peer.send(GET % 1)
    assert peer.handler.paths == ["/1"]


def test_a_body_waits_where_it_is_told_to_and_comes_in_order(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    body = bytes(range(256)) * 512
    peer.tls.write(POST % len(body))
    for start in range(0, len(body), 4096):
        peer.tls.write(body[start : start + 4096])
    sealed = peer._out.read()
    peer.raw.receive(sealed[:20_000])
    exchange = peer.handler.last
    seen = len(exchange.body)
    assert 0 < seen < 20_000
    exchange.downstream.pause_body()
    assert peer.raw.is_reading_paused
    peer.time.loop.run_until_quiet()
    assert len(exchange.body) == seen
    exchange.downstream.resume_body()
    peer.raw.receive(sealed[20_000:])
    peer.time.loop.run_until_quiet()
    assert exchange.body == body
    assert exchange.trailers == []


def test_records_that_wait_behind_a_pause_are_not_lost(ca: Authority) -> None:
    """All of it has been read from the socket when the pause comes: nothing will wake it but the resuming."""
    peer = Peer(ca)
    peer.shake_hands()
    pausing = peer.handler

    def pause_at_once(downstream: Any, head: Any) -> None:
        NotingHandler.handle(pausing, downstream, head)
        downstream.pause_body()

    pausing.handle = pause_at_once  # type: ignore[method-assign]
    peer.tls.write(POST % 6)
    peer.tls.write(b"abc")
    peer.tls.write(b"def")
    peer.pass_on()
    assert peer.handler.last.body == b""
    peer.handler.last.downstream.resume_body()
    peer.time.loop.run_until_quiet()
    assert peer.handler.last.body == b"abcdef"


def test_a_large_answer_is_whole(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    peer.send(GET % 1)
    answer = bytes(range(256)) * 4096
    peer.handler.last.downstream.writelines((answer[:10], b"", answer[10:]))
    peer.handler.last.downstream.finish(True)
    assert peer.received() == answer


def test_a_slow_reader_holds_the_exchange_back(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    peer.send(GET % 1)
    peer.raw.stall()
    for _ in range(5):
        peer.handler.last.downstream.write(bytes(16384))
    assert peer.handler.last.events == ["pause"]
    peer.raw.unstall()
    assert peer.handler.last.events == ["pause", "resume"]
    assert peer.received() == bytes(5 * 16384)


def test_the_last_answer_ends_with_a_goodbye_and_waits_for_the_clients(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    peer.send(GET % 1)
    peer.handler.last.answer(b"bye", keep_alive=False)
    peer.time.loop.run_until_quiet()
    assert not peer.raw.is_closing()
    peer.send(GET % 2)
    assert peer.handler.paths == ["/1"], "what comes behind is dropped"
    assert peer.received() == b"bye"
    assert peer.says_goodbye()
    assert peer.raw.is_closed
    assert not peer.raw.is_aborted
    assert peer.server.admission.count == 0


def test_a_client_that_says_no_goodbye_is_not_waited_for_long(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    peer.send(GET % 1)
    peer.handler.last.answer(b"bye", keep_alive=False)
    peer.time.let_pass(3)
    assert peer.raw.is_aborted
    assert peer.server.admission.count == 0


def test_a_client_that_says_goodbye_first_is_answered_in_kind(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    assert not peer.says_goodbye()
    assert peer.says_goodbye(), "the gateway's has come"
    assert peer.raw.is_closed
    assert peer.server.admission.count == 0


def test_a_goodbye_within_an_exchange_ends_it(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    peer.send(GET % 1)
    peer.says_goodbye()
    assert peer.handler.last.events == ["gone"]
    peer.handler.last.downstream.write(b"too late")
    assert peer.raw.is_closed


@pytest.mark.parametrize("is_open", [False, True])
def test_what_is_no_tls_ends_it(ca: Authority, is_open: bool) -> None:
    peer = Peer(ca)
    if is_open:
        peer.shake_hands()
        peer.raw.take_sent()
    peer.raw.receive(b"GET / HTTP/1.1\r\nHost: plain\r\n\r\n")
    peer.time.loop.run_until_quiet()
    assert peer.raw.is_closing()
    assert peer.raw.lost_calls == 1
    assert peer.handler.paths == []
    assert peer.server.admission.count == 0


def test_a_client_of_an_old_version_is_told_why(ca: Authority) -> None:
    peer = Peer(ca, ssl.TLSVersion.TLSv1_2, min_version="1.3")
    with pytest.raises(ssl.SSLError, match="protocol version"):
        peer.shake_hands()
    assert peer.raw.is_closed
    assert peer.server.admission.count == 0


def test_a_record_that_was_tampered_with_reaches_nobody(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    peer.tls.write(GET % 1)
    sealed = bytearray(peer._out.read())
    sealed[-1] ^= 1
    peer.raw.receive(bytes(sealed))
    peer.time.loop.run_until_quiet()
    assert peer.raw.is_aborted
    assert peer.handler.paths == []


def test_a_handshake_has_ten_seconds_however_it_trickles(ca: Authority) -> None:
    peer = Peer(ca)
    with contextlib.suppress(ssl.SSLWantReadError):
        peer.tls.do_handshake()
    hello = peer._out.read()
    for octet in hello[:9]:
        peer.raw.receive(bytes((octet,)))
        peer.time.let_pass(1)
    assert peer.server.admission.count == 1
    peer.time.let_pass(2)
    assert peer.raw.is_aborted
    assert peer.server.admission.count == 0


def test_an_end_without_goodbye_is_an_end(ca: Authority) -> None:
    peer = Peer(ca)
    peer.shake_hands()
    peer.send(GET % 1)
    peer.raw.receive_eof()
    assert peer.handler.last.events == ["gone"]
    assert peer.server.admission.count == 0
