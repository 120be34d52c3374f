import asyncio
import signal

from starlette.applications import Starlette

from gateway_harness.controlling import run, until
from gateway_harness.operating import http_ask
from moongate.control.admin.server import Server
from moongate.net.listener import address_of, bind
from moongate.net.tasks import Tasks


def test_it_serves_and_ends_and_leaves_the_signals_alone() -> None:
    async def work() -> None:
        before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
        tasks, sock = Tasks(), bind("127.0.0.1", 0)
        _, port = address_of(sock)
        server = Server(Starlette())
        tasks.spawn(server.run_on(sock))
        reply = await asyncio.to_thread(http_ask, port, "GET", "/none")
        assert reply.status == 404
        assert "server" not in reply.headers, "no version for strangers"
        assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
        server.should_exit = True
        await until(lambda: sock.fileno() == -1, "it is over")
        await tasks.cancel()

    run(work())
