import asyncio
import socket

import pytest
import uvloop

from gateway_harness.origin import ScriptedOrigin, bound_socket
from moongate.core.errors import UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE, MessageRefused
from moongate.core.plans import TargetPlan
from moongate.net.dial import dial


class Connected(asyncio.Protocol):
    transport: asyncio.BaseTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport


def dialled(host: str, port: int, seconds: float = 5.0) -> object:
    """The peer's address, of the connection that was made."""

    async def main() -> object:
        target = TargetPlan(f"http://{host}:{port}", host, port, tls=False)
        connection = await dial(target, None, Connected, seconds)
        connection.transport.close()
        return connection.transport.get_extra_info("peername")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


def test_a_target_that_listens() -> None:
    with ScriptedOrigin(lambda connection: connection.wait_gone()) as origin:
        assert dialled("127.0.0.1", origin.port) == ("127.0.0.1", origin.port)
        assert dialled("localhost", origin.port) == ("127.0.0.1", origin.port)


def test_a_target_that_refuses() -> None:
    with bound_socket() as sock, pytest.raises(MessageRefused) as raised:
        dialled("127.0.0.1", sock.getsockname()[1])
    assert (raised.value.failure, raised.value.reason) == (UPSTREAM_UNREACHABLE, "connect_econnrefused")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".invalid", "a..b"])
def test_a_name_that_means_nothing(host: str) -> None:
    with pytest.raises(MessageRefused) as raised:
        dialled(host, 80)
    assert (raised.value.failure, raised.value.reason) == (UPSTREAM_UNREACHABLE, "connect_resolve")


def test_a_target_that_does_not_answer() -> None:
    """A full backlog: the kernel drops what comes, as a lost network would."""
    with bound_socket() as sock:
        sock.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(sock.getsockname())
            fillers.append(filler)
        with pytest.raises(MessageRefused) as raised:
            dialled("127.0.0.1", sock.getsockname()[1], 0.3)
        for filler in fillers:
            filler.close()
    assert (raised.value.failure, raised.value.reason) == (UPSTREAM_TIMEOUT, "connect_timeout")
