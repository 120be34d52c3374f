import asyncio
import contextlib
import signal

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from gateway_harness.controlling import run, until
from gateway_harness.operating import http_ask
from moongate.control.admin import server as server_module
from moongate.control.admin.server import Server
from moongate.net.listener import address_of, bind
from moongate.net.tasks import Tasks


def test_who_sends_no_whole_request_is_let_go_and_who_waits_for_an_answer_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_module, "REQUEST_SECONDS", 0.2)

    async def work() -> None:
        asked, may_answer = asyncio.Event(), asyncio.Event()

        async def body(request: Request) -> Response:
            with contextlib.suppress(ClientDisconnect):
                await request.body()
            return Response("nobody hears this")

        async def slow(_: Request) -> Response:
            asked.set()
            await may_answer.wait()
            return Response("at last")

        tasks, sock = Tasks(), bind("127.0.0.1", 0)
        _, port = address_of(sock)
        server = Server(Starlette(routes=[Route("/", slow), Route("/body", body, methods=["POST"])]))
        tasks.spawn(server.run_on(sock))
        reply = asyncio.create_task(asyncio.to_thread(http_ask, port, "GET", "/"))
        await asked.wait()
        for part in (b"", b"GET / HT", b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(part)
            assert await reader.read() == b""
            writer.close()
        may_answer.set()
        assert (await reply).body == "at last"
        server.should_exit = True
        await until(lambda: sock.fileno() == -1, "it is over")
        await tasks.cancel()

    run(work())


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
