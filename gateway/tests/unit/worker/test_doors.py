"""Doors on real sockets: opened anew with other TLS while clients wait."""

import asyncio
import socket
import ssl
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gateway_harness.certificates import Authority, Pair, names_shown
from gateway_harness.sides import NotingHandler
from moongate.core.message import RequestHead
from moongate.core.plans import CertificatePlan, ListenerTlsPlan
from moongate.core.ports import Downstream
from moongate.net.listener import bind
from moongate.net.server import Server
from moongate.net.tls import TlsInvalid
from moongate.net.wheel import Wheel
from moongate.worker.doors import Door

ASKING = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Greeter(NotingHandler):
    """Says `hello` to every request, and closes."""

    def handle(self, downstream: Downstream, head: RequestHead) -> None:
        downstream.write(b"hello")
        downstream.finish(keep_alive=False)


def greeter() -> Server:
    loop = asyncio.get_running_loop()
    return Server(loop, Wheel(loop), Greeter())


def plan_of(pair: Pair) -> ListenerTlsPlan:
    return ListenerTlsPlan((CertificatePlan(str(pair.certificate), str(pair.key)),))


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(work, 30))


async def greeting(address: tuple[str, int], context: ssl.SSLContext | None = None) -> tuple[bytes, list[str]]:
    """What is said at ``address``, and the names in the certificate that is shown."""
    name = "any.test" if context is not None else None
    reader, writer = await asyncio.open_connection(*address, ssl=context, server_hostname=name)
    shown = writer.get_extra_info("ssl_object")
    names = names_shown(shown.getpeercert(binary_form=True)) if shown is not None else []
    writer.write(ASKING)
    data = await reader.read()
    writer.close()
    return data, names


def test_tls_comes_goes_and_changes_on_one_socket(tmp_path: Path) -> None:
    ca = Authority(tmp_path)
    context = ca.trusting()
    context.check_hostname = False
    one, two = plan_of(ca.issue("one.test")), plan_of(ca.issue("two.test"))

    async def work() -> None:
        loop = asyncio.get_running_loop()
        door = Door(bind("127.0.0.1", 0))
        for plan, names in ((None, []), (one, ["one.test"]), (two, ["two.test"]), (None, [])):
            await door.open(loop, greeter(), plan, door.prepare(plan))
            trusting = context if plan is not None else None
            assert await greeting(door.address, trusting) == (b"hello", names)
            assert door.prepare(plan) is door.prepare(plan), "what says the same is not made again"
        door.close()

    run(work())


def test_who_waits_outside_while_a_door_is_opened_anew_is_let_in(tmp_path: Path) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        door = Door(bind("127.0.0.1", 0))
        await door.open(loop, greeter(), None, None)
        plan = plan_of(Authority(tmp_path).issue("one.test"))
        tls = door.prepare(plan)
        waiting = [socket.create_connection(door.address, timeout=5) for _ in range(20)]  # the loop does not turn
        await door.open(loop, greeter(), plan, tls)
        await door.open(loop, greeter(), None, None)
        for sock in waiting:
            sock.setblocking(False)
            await loop.sock_sendall(sock, ASKING)
            assert await loop.sock_recv(sock, 10) == b"hello"
            sock.close()
        door.close()

    run(work())


def test_files_that_can_not_be_used_change_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        door = Door(bind("127.0.0.1", 0))
        await door.open(asyncio.get_running_loop(), greeter(), None, None)
        with pytest.raises(TlsInvalid, match="no such file"):
            door.prepare(ListenerTlsPlan((CertificatePlan("none.pem", "none.key"),)))
        assert await greeting(door.address) == (b"hello", [])
        door.close()

    run(work())


def test_a_closed_door_refuses_and_its_port_is_free() -> None:
    async def work() -> None:
        door = Door(bind("127.0.0.1", 0))
        await door.open(asyncio.get_running_loop(), greeter(), None, None)
        address = door.address
        door.close()
        await asyncio.sleep(0.01)  # a turn of the loop, in which uvloop closes
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)
        bind(*address).close()

    run(work())
