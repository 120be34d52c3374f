"""Both ends of a channel on a real socket pair."""

import asyncio
import os
import socket
from collections.abc import Coroutine
from typing import Any

import msgspec
import pytest
import uvloop

from moongate.worker.channel import Channel
from moongate.worker.messages import Abandon, Committed, Leaving, Message, Order, Prepare, Report

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]  # control's, and a worker's


@pytest.fixture(params=LOOPS, ids=["asyncio", "uvloop"])
def runner(request: pytest.FixtureRequest) -> Any:
    def run(work: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(asyncio.wait_for(work, 20))

    return run


class Ends:
    """Control's end and a worker's, and what each heard."""

    def __init__(self) -> None:
        one, other = socket.socketpair()
        loop = asyncio.get_running_loop()
        self.control: Channel[Report] = Channel(loop, one, msgspec.msgpack.Decoder(Report))
        self.worker: Channel[Order] = Channel(loop, other, msgspec.msgpack.Decoder(Order))
        self.raw = other
        self.heard: asyncio.Queue[tuple[Message, list[socket.socket]]] = asyncio.Queue()
        self.reported: asyncio.Queue[Message] = asyncio.Queue()
        self.lost = asyncio.Event()
        self.worker.received = lambda order, sockets: self.heard.put_nowait((order, sockets))
        self.control.received = lambda report, _: self.reported.put_nowait(report)
        self.control.lost = self.lost.set


def test_messages_arrive_in_order_and_both_ways(runner: Any) -> None:
    async def work() -> None:
        ends = Ends()
        for ticket in range(200):
            ends.control.send(Prepare(ticket, b"x" * ticket))
        ends.control.send(Abandon())
        for ticket in range(200):
            assert (await ends.heard.get())[0] == Prepare(ticket, b"x" * ticket)
        assert (await ends.heard.get())[0] == Abandon()
        ends.worker.send(Leaving())
        assert await ends.reported.get() == Leaving()
        ends.control.close()
        ends.worker.close()

    runner(work())


def test_a_message_larger_than_any_buffer(runner: Any) -> None:
    async def work() -> None:
        ends = Ends()
        body = os.urandom(1 << 24)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            ends.control.send(Prepare(1, body), [listener])
            ends.control.send(Abandon())
        message, [sock] = await ends.heard.get()
        assert message == Prepare(1, body)
        sock.close()
        assert (await ends.heard.get())[0] == Abandon()
        ends.control.close()
        ends.worker.close()

    runner(work())


def test_sockets_arrive_with_their_message_and_stay_with_the_sender(runner: Any) -> None:
    async def work() -> None:
        ends = Ends()
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
        names = [each.getsockname() for each in listeners]
        ends.control.send(Prepare(1, b"a"), listeners[:2])
        ends.control.send(Abandon())
        ends.control.send(Prepare(2, b"b"), listeners[2:])
        for each in listeners:
            each.close()
        got = []
        for count in (2, 0, 3):
            _, sockets = await ends.heard.get()
            assert len(sockets) == count
            got += sockets
        assert [sock.getsockname() for sock in got] == names
        for sock in got:
            assert not sock.get_inheritable()
            with socket.create_connection(sock.getsockname(), timeout=5):
                pass
            sock.close()
        ends.control.close()
        ends.worker.close()

    runner(work())


def test_the_other_end_is_told_once_of_an_end_and_sending_is_harmless_then(runner: Any) -> None:
    async def work() -> None:
        ends = Ends()
        ends.worker.close()
        await ends.lost.wait()
        ends.lost.clear()
        ends.control.send(Abandon())
        ends.control.close()
        await asyncio.sleep(0)
        assert not ends.lost.is_set()

    runner(work())


def test_what_was_said_before_an_end_is_heard_at_once(runner: Any) -> None:
    async def work() -> None:
        ends = Ends()
        for ticket in range(100):
            ends.worker.send(Committed(ticket))
        ends.worker.close()
        ends.control.hear_rest()
        assert [ends.reported.get_nowait() for _ in range(100)] == [Committed(ticket) for ticket in range(100)]
        assert ends.lost.is_set()
        ends.control.hear_rest()

    runner(work())


def test_an_end_amid_a_message_is_an_end(runner: Any) -> None:
    async def work() -> None:
        ends = Ends()
        ends.raw.send(b"\x00\x00\x00\x09\x00abc")
        ends.worker.close()
        await ends.lost.wait()
        assert ends.reported.empty()

    runner(work())
