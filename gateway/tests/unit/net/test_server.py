import asyncio
import socket

from gateway_harness.fake_transport import FakeTransport
from gateway_harness.sides import NotingHandler
from gateway_harness.ticking import Ticking
from moongate.core.limits import CLIENT_IDLE_SECONDS
from moongate.net.server import Server
from moongate.net.wheel import Wheel, ticks

GET = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"


def served(count: int) -> tuple[Ticking, Server, NotingHandler, list[FakeTransport]]:
    time = Ticking()
    handler = NotingHandler()
    server = Server(time.loop.as_loop, time.wheel, handler)
    return time, server, handler, [FakeTransport(time.loop, server.make_connection()) for _ in range(count)]


def test_it_knows_its_connections() -> None:
    time, server, _, transports = served(3)
    assert len(server.connections) == 3
    transports[0].reset()
    transports[1].receive_eof()
    time.loop.run_until_quiet()
    assert len(server.connections) == 1
    assert server.admission.count == 1


def test_drain_closes_what_is_idle_and_leaves_what_runs() -> None:
    time, server, handler, (idle, running, begun) = served(3)
    running.receive(GET % 1)
    begun.receive(b"GET /begun HTTP/1.1\r\n")
    server.drain()
    time.loop.run_until_quiet()
    assert (idle.is_closing(), running.is_closing(), begun.is_closing()) == (True, False, False)
    assert handler.last.events == ["drain"]
    handler.last.answer(b"bye")
    begun.receive(b"Host: a\r\n\r\n")
    handler.last.answer(b"bye too")
    time.loop.run_until_quiet()
    assert (running.sent, begun.sent) == (b"bye", b"bye too")
    assert not server.connections


def test_more_connections_than_are_allowed_are_closed_unheard() -> None:
    time, server, handler, _ = served(0)
    server.admission.max_per_address = 2
    transports = [FakeTransport(time.loop, server.make_connection()) for _ in range(4)]
    time.loop.run_until_quiet()
    assert [transport.is_closing() for transport in transports] == [False, False, True, True]
    assert (server.admission.count, server.admission.refused) == (2, 2)
    transports[0].receive(GET % 1)
    assert handler.paths == ["/1"]
    transports[1].reset()
    assert not FakeTransport(time.loop, server.make_connection()).is_closing()


def test_idle_connections_are_given_up_and_no_others() -> None:
    time, server, handler, (idle, running, begun, pipelined, closing) = served(5)
    running.receive(GET % 1)
    begun.receive(b"GET /begun HTTP/1.1\r\n")
    pipelined.receive(GET % 2 + GET % 3)
    closing.close()
    ours, peer = socket.socketpair()
    with peer:
        idle.join(ours)
        [sock] = server.hand_over(9)
        time.loop.run_until_quiet()
        ours.close()
        with sock:
            peer.sendall(b"later")
            assert sock.recv(9) == b"later", "its client notices nothing"
    assert (idle.is_closing(), running.is_closing(), begun.is_closing()) == (True, False, False)
    assert server.hand_over(9) == []
    handler.last.answer(b"bye")


def test_a_connection_that_moved_may_be_idle_for_as_long_as_any() -> None:
    async def moved() -> float:
        loop = asyncio.get_running_loop()
        wheel = Wheel(loop)
        server = Server(loop, wheel, NotingHandler())
        ours, peer = socket.socketpair()
        with peer:
            await server.take_over(ours)
            [connection] = server.connections
            connection.abort()
            return connection.due - wheel.now

    assert asyncio.run(moved()) == ticks(CLIENT_IDLE_SECONDS)
