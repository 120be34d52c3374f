"""Requests of the gateway's own: real sockets on both ends, and services that misbehave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_harness.origin import OriginConnection, ScriptedOrigin, bound_socket, serve_ok
from gateway_harness.ticking import Ticking
from moongate.core.fetching import Fetched, FetchFailed, FetchRequest
from moongate.core.limits import FETCH_BYTES
from moongate.core.plans import ServicePlan, TargetPlan
from moongate.net.tasks import Tasks
from moongate.net.turn import Turn
from moongate.upstream.fetch import Fetch
from moongate.upstream.service import ServiceState

GET = FetchRequest("authz", b"GET", b"/verify?a=b", b"Cookie: s=1\r\n", seconds=10.0)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


@contextlib.asynccontextmanager
async def service(*ports: int) -> AsyncIterator[ServiceState]:
    tasks = Tasks()
    state = ServiceState("authz", Ticking().wheel, tasks, Turn(asyncio.get_running_loop()))
    targets = tuple(TargetPlan(f"http://127.0.0.1:{port}", "127.0.0.1", port, tls=False) for port in ports)
    state.adopt(ServicePlan("authz", targets), None)
    yield state
    state.close()
    await tasks.cancel()
    await asyncio.sleep(0)


def sends(data: bytes) -> Callable[[OriginConnection], None]:
    """Reads one request, sends ``data`` and closes."""

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(data)

    return script


async def reason_of(state: ServiceState, request: FetchRequest = GET) -> str:
    with pytest.raises(FetchFailed) as raised:
        await Fetch(state, request).answer()
    return raised.value.reason


def test_what_is_sent_and_what_comes_back() -> None:
    async def work() -> None:
        def script(connection: OriginConnection) -> None:
            connection.read_request()
            connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            connection.answer(200, b"one", "X-User: ada", "Connection: keep-alive")
            connection.read_request()
            connection.send(
                b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\nX-T: 1\r\n\r\n"
            )
            connection.wait_gone()

        with ScriptedOrigin(script) as origin:
            async with service(origin.port) as state:
                assert await Fetch(state, GET).answer() == Fetched(200, b"X-User: ada\r\n", b"one")
                post = FetchRequest("authz", b"POST", b"/", b"", b'{"a": 1}', 10.0)
                assert await Fetch(state, post).answer() == Fetched(403, b"", b"two")
                assert state.active == 0
            assert origin.connections == 1
            first, second = origin.requests
        host = f"Host: 127.0.0.1:{origin.port}\r\n".encode()
        assert first.head == b"GET /verify?a=b HTTP/1.1\r\n" + host + b"Cookie: s=1\r\n\r\n"
        assert second.head == b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 8\r\n\r\n"
        assert second.body == b'{"a": 1}'

    run(work())


GARBAGE = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "a folded field": b"HTTP/1.1 200 OK\r\nX-User: ada\r\n X-Admin: yes\r\nContent-Length: 0\r\n\r\n",
    "a bare CR": b"HTTP/1.1 200 OK\r\nX-User: ada\rX-Admin: yes\r\nContent-Length: 0\r\n\r\n",
    "a bare LF": b"HTTP/1.1 200 OK\r\nX-User: ada\nX-Admin: yes\r\nContent-Length: 0\r\n\r\n",
    "a zero": b"HTTP/1.1 200 OK\r\nX-User: a\x00da\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
    "bad chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "an unasked switch": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    "a head without end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000,
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_what_can_not_be_read_is_no_answer(data: bytes) -> None:
    async def work() -> None:
        with ScriptedOrigin(sends(data)) as origin:
            async with service(origin.port) as state:
                assert await reason_of(state) not in ("", "timeout")
                assert state.active == 0

    run(work())


FLOODS = {
    "a length that says so": b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b%b"
    % (b"8000\r\n%b\r\n" % (b"x" * 32768), b"4000000\r\n"),
    "until the end": b"HTTP/1.1 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("head", FLOODS.values(), ids=FLOODS)
def test_a_flood_is_cut_off(head: bytes) -> None:
    sent = 0

    def script(connection: OriginConnection) -> None:
        nonlocal sent
        connection.read_request()
        connection.send(head)
        for _ in range(50):
            connection.send(b"x" * 1_000_000)
            sent += 1

    async def work() -> None:
        with ScriptedOrigin(script) as origin:
            async with service(origin.port) as state:
                assert await reason_of(state) == "answer_too_large"

    run(work())
    assert sent < 50


def test_as_much_as_is_allowed() -> None:
    async def work() -> None:
        body = b"x" * FETCH_BYTES
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        with ScriptedOrigin(sends(head + body)) as origin:
            async with service(origin.port) as state:
                assert (await Fetch(state, GET).answer()).body == body

    run(work())


@pytest.mark.parametrize(
    "data", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_one_that_hangs_is_waited_for_so_long_and_then_let_go(data: bytes) -> None:
    def hangs(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(data)
        connection.wait_gone()

    async def work() -> None:
        with ScriptedOrigin(hangs) as origin:
            async with service(origin.port) as state:
                assert await reason_of(state, GET._replace(seconds=0.05)) == "timeout"
                assert state.active == 0

    run(work())


def test_whoever_is_cancelled_closes_the_connection() -> None:
    def hangs(connection: OriginConnection) -> None:
        connection.read_request()
        connection.wait_gone()

    async def work() -> None:
        with ScriptedOrigin(hangs) as origin:
            async with service(origin.port) as state:
                asking = asyncio.ensure_future(Fetch(state, GET).answer())
                await asyncio.to_thread(origin.wait_requests, 1)
                asking.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await asking
                assert state.active == 0

    run(work())


def test_a_dead_connection_is_nobody_s_fault() -> None:
    def answers_once(connection: OriginConnection) -> None:
        connection.read_request()
        connection.answer()
        connection.read_head()  # and closes

    async def work() -> None:
        with ScriptedOrigin(answers_once, serve_ok) as origin:
            async with service(origin.port) as state:
                for _ in range(2):
                    assert (await Fetch(state, GET).answer()).status == 200
            assert origin.connections == 2

    run(work())


def test_another_target_is_tried_once() -> None:
    async def work() -> None:
        with bound_socket() as closed, ScriptedOrigin() as origin:
            dead = closed.getsockname()[1]
            async with service(dead, origin.port) as state:
                assert [(await Fetch(state, GET).answer()).status for _ in range(3)] == [200, 200, 200]
            async with service(dead) as state:
                assert await reason_of(state) == "connect_econnrefused"
        async with service() as state:
            assert await reason_of(state) == "no_target_known"

    run(work())


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.integers(min_value=0, max_value=len(OK)))
def test_whatever_it_answers_there_is_an_end(noise: bytes, cut: int) -> None:
    """Octets of any kind, in the middle of an answer."""

    async def work() -> None:
        with ScriptedOrigin(sends(OK[:cut] + noise + OK[cut:])) as origin:
            async with service(origin.port) as state:
                (found,) = await asyncio.gather(Fetch(state, GET).answer(), return_exceptions=True)
                assert state.active == 0
            if isinstance(found, Fetched):
                assert 200 <= found.status < 600
                assert b"\n" not in found.lines.replace(b"\r\n", b"")
            else:
                assert isinstance(found, FetchFailed)
                assert found.reason != "timeout"

    run(work())
