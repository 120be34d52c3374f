"""One target's connections: real sockets, and time by hand."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import uvloop

from gateway_harness.origin import OriginConnection, ScriptedOrigin, bound_socket, serve_ok
from gateway_harness.sides import NotingUpstreamEvents
from gateway_harness.ticking import Ticking
from moongate.core import limits
from moongate.core.errors import OVERLOADED, UPSTREAM_UNREACHABLE, MessageRefused
from moongate.core.plans import TargetPlan, TimeoutsPlan
from moongate.net.client import ClientConnection
from moongate.net.tasks import Tasks
from moongate.net.turn import Turn
from moongate.upstream.pool import Settings, TargetPool


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for is the kernel's
            await asyncio.sleep(0.001)


class Pooled:
    """A pool for ``port``, and what a test does with it."""

    def __init__(self, port: int) -> None:
        self.time = Ticking()
        self.tasks = Tasks()
        plan = TargetPlan(f"http://127.0.0.1:{port}", "127.0.0.1", port, tls=False)
        self.pool = TargetPool(
            plan, Settings(TimeoutsPlan(), None), self.time.wheel, self.tasks, Turn(asyncio.get_running_loop())
        )

    async def lease(self) -> ClientConnection:
        """A connection, at once or when it is there."""
        exchange = NotingUpstreamEvents()
        connection = self.pool.lease(exchange)
        if connection is None:
            await until(lambda: exchange.ready)
            connection = exchange.ready
        assert isinstance(connection, ClientConnection)
        return connection

    def wait(self) -> NotingUpstreamEvents:
        """An exchange that waits."""
        exchange = NotingUpstreamEvents()
        assert self.pool.lease(exchange) is None
        return exchange

    async def asked(self, connection: ClientConnection) -> None:
        """``connection`` has carried a request and its answer."""
        exchange = NotingUpstreamEvents()
        connection.begin(exchange, b"GET", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True)
        await until(lambda: exchange.is_ended)


@contextlib.asynccontextmanager
async def pooled(*scripts: Callable[[OriginConnection], None]) -> AsyncIterator[tuple[Pooled, ScriptedOrigin]]:
    with ScriptedOrigin(*(scripts or (serve_ok,))) as origin:
        made = Pooled(origin.port)
        yield made, origin
        made.pool.discard_idle()
        await made.tasks.cancel()
        await asyncio.sleep(0)


def idle_for_ever(connection: OriginConnection) -> None:
    connection.read_request()
    connection.answer()
    connection.wait_gone(30)


def test_a_connection_that_came_back_is_leased_again() -> None:
    async def main() -> None:
        async with pooled() as (made, origin):
            first = await made.lease()
            await made.asked(first)
            first.release(0)
            second = await made.lease()
            assert second is first
            assert second.is_reused
            second.release(0)
            await until(lambda: origin.connections == 1)

    run(main())


def test_the_last_one_in_is_the_first_one_out() -> None:
    async def main() -> None:
        async with pooled() as (made, _):
            connections = [await made.lease() for _ in range(3)]
            for connection in connections:
                connection.release(0)
            assert await made.lease() is connections[2]
            assert await made.lease() is connections[1]
            connections[1].close()
            connections[2].close()

    run(main())


def test_what_comes_back_goes_to_who_waits_longest() -> None:
    async def main() -> None:
        async with pooled() as (made, _):
            connection = await made.lease()
            first, second = made.wait(), made.wait()
            connection.release(0)
            assert first.ready is connection
            await until(lambda: second.ready)
            assert second.ready is not connection
            connection.close()
            second.ready.close()

    run(main())


def test_who_no_longer_waits_is_passed_over() -> None:
    async def main() -> None:
        async with pooled() as (made, _):
            gone, waiting = made.wait(), made.wait()
            gone.is_waiting = False
            await until(lambda: waiting.ready)
            assert gone.ready is None
            waiting.ready.close()

    run(main())


def test_a_refused_connection_fails_one_and_nothing_is_counted() -> None:
    async def main(port: int) -> None:
        made = Pooled(port)
        waiting = [made.wait() for _ in range(3)]
        await until(lambda: all(exchange.failure for exchange in waiting))
        assert {exchange.failure for exchange in waiting} == {(UPSTREAM_UNREACHABLE, "connect_econnrefused")}
        assert "total=0" in repr(made.pool)

    with bound_socket() as refusing:
        run(main(refusing.getsockname()[1]))


def test_more_may_wait_than_may_be_dialled_and_all_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer connections than waiters, a failed dial must be followed by another for those who are left."""
    monkeypatch.setattr(limits, "POOL_TOTAL", 2)

    async def main(port: int) -> None:
        made = Pooled(port)
        waiting = [made.wait() for _ in range(9)]
        await until(lambda: all(exchange.failure for exchange in waiting))

    with bound_socket() as refusing:
        run(main(refusing.getsockname()[1]))


def test_the_total_is_bounded_and_the_queue_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POOL_TOTAL", 3)
    monkeypatch.setattr(limits, "POOL_QUEUE", 4)

    async def main() -> None:
        async with pooled() as (made, origin):
            leased = [await made.lease() for _ in range(3)]
            waiting = [made.wait() for _ in range(4)]
            with pytest.raises(MessageRefused) as raised:
                made.pool.lease(NotingUpstreamEvents())
            assert (raised.value.failure, raised.value.reason) == (OVERLOADED, "pool_queue_full")
            waiting[0].is_waiting = False
            last = made.wait()  # the place of one that left
            await until(lambda: origin.connections == 3)
            leased[0].release(0)
            assert waiting[1].ready is leased[0]
            for exchange in (*waiting[2:], last):
                leased[0].release(0)
                assert exchange.ready is leased[0]
            for connection in leased:
                connection.close()

    run(main())


def test_a_connection_that_breaks_is_replaced_for_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POOL_TOTAL", 1)

    async def main() -> None:
        async with pooled(idle_for_ever, serve_ok) as (made, origin):
            connection = await made.lease()
            waiting = made.wait()
            connection.close()
            await until(lambda: waiting.ready)
            await until(lambda: origin.connections == 2)
            waiting.ready.close()

    run(main())


def test_connections_that_wait_for_slow_clients_shut_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POOL_TOTAL", 2)

    async def main() -> None:
        async with pooled() as (made, _):
            stalled = [await made.lease() for _ in range(2)]
            waiting = made.wait()
            for connection in stalled:
                connection.begin(NotingUpstreamEvents(), b"PUT", b"PUT / HTTP/1.1\r\n", False)
            await until(lambda: waiting.ready)
            others = [await made.lease()]
            late = made.wait()
            others[0].release(0)
            assert late.ready is others[0]
            for connection in (*stalled, waiting.ready, others[0]):
                connection.close()
            await until(lambda: "total=0" in repr(made.pool))
            assert made.pool._stalled == 0

    run(main())


def test_few_connections_are_kept_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POOL_IDLE", 2)

    async def main() -> None:
        async with pooled() as (made, _):
            for connection in [await made.lease() for _ in range(5)]:
                connection.release(0)
            assert "idle=2" in repr(made.pool)
            await until(lambda: "total=2" in repr(made.pool))

    run(main())


def test_an_idle_connection_is_closed_after_four_seconds() -> None:
    async def main() -> None:
        async with pooled() as (made, origin):
            connection = await made.lease()
            connection.release(0)
            made.time.let_pass(3.75)
            assert await made.lease() is connection
            connection.release(0)
            made.time.let_pass(3.75)
            assert not connection.is_closing()
            made.time.let_pass(0.5)
            assert connection.is_closing()
            again = await made.lease()
            assert again is not connection
            again.close()
            assert made.pool.idle_seconds == limits.UPSTREAM_IDLE_SECONDS
            await until(lambda: "total=0" in repr(made.pool))
            await until(lambda: origin.connections >= 2)  # the origin counts what it has accepted
            assert origin.connections == 2, "one end brings one dial at the most"

    run(main())


@pytest.mark.parametrize(("promised", "kept"), [(0, 4.0), (1, 0.25), (2, 1.0), (3, 2.0), (5, 4.0), (60, 4.0)])
def test_what_the_service_promises_is_kept_to_with_a_second_to_spare(promised: int, kept: float) -> None:
    async def main() -> None:
        async with pooled() as (made, _):
            connection = await made.lease()
            connection.release(promised)
            assert made.pool.idle_seconds == kept
            made.time.let_pass(kept + 0.25)
            assert connection.is_closing()

    run(main())


def test_a_promise_is_forgotten_after_ten_minutes() -> None:
    async def main() -> None:
        async with pooled() as (made, _):
            (await made.lease()).release(2)
            assert made.pool.idle_seconds == 1.0
            made.time.let_pass(602)
            (await made.lease()).release(0)
            assert made.pool.idle_seconds == 4.0

    run(main())


@pytest.mark.parametrize(
    ("idle", "kept"), [(0.5, 4.0), (2.0, 1.5), (3.5, 2.5)], ids=["a restart", "gunicorn's two seconds", "more"]
)
def test_an_idle_connection_that_the_service_closes_teaches_its_limit(idle: float, kept: float) -> None:
    closing = threading.Event()

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.answer()
        closing.wait(10)

    async def main() -> None:
        async with pooled(script, serve_ok) as (made, _):
            connection = await made.lease()
            await made.asked(connection)
            connection.release(0)
            made.time.let_pass(idle)
            closing.set()
            await until(lambda: connection.is_closing() and "total=0" in repr(made.pool))
            assert made.pool.idle_seconds == kept

    run(main())


def test_idle_connections_can_be_thrown_away() -> None:
    async def main() -> None:
        async with pooled() as (made, _):
            leased = [await made.lease() for _ in range(4)]
            for connection in leased[:3]:
                connection.release(0)
            made.pool.discard_idle()
            assert [connection.is_closing() for connection in leased] == [True, True, True, False]
            await until(lambda: "total=1" in repr(made.pool))
            assert made.pool.idle_seconds == 4.0, "nothing was learned from what the gateway did itself"
            leased[3].close()

    run(main())


def test_a_new_snapshot_brings_new_settings_and_keeps_the_connections() -> None:
    async def main() -> None:
        async with pooled() as (made, origin):
            connection = await made.lease()
            connection.release(0)
            plan = TargetPlan(origin.url, "127.0.0.1", origin.port, tls=False, weight=5)
            made.pool.adopt(plan, Settings(TimeoutsPlan(1.0, 2.0, 3.0), None))
            assert (made.pool.head_ticks, made.pool.body_ticks) == (9, 13)
            assert await made.lease() is connection
            connection.close()

    run(main())


def test_the_host_for_a_client_that_names_none() -> None:
    async def main() -> None:
        assert Pooled(8101).pool.authority == b"127.0.0.1:8101"

    run(main())


def test_a_redo_is_given_a_connection_that_carried_nothing_before() -> None:
    """What was just given back may be dying as the first one was; the next in line that asks anew may have it."""

    async def work() -> None:
        async with pooled(serve_ok, serve_ok) as (at, _):
            used = await at.lease()
            await at.asked(used)
            redo, other = NotingUpstreamEvents(), NotingUpstreamEvents()
            assert at.pool.lease(redo, is_redo=True) is None
            used.release(0)
            assert not redo.ready
            assert at.pool.lease(other) is used, "it is idle, and good for everybody else"
            await until(lambda: redo.ready)
            assert isinstance(redo.ready, ClientConnection)
            assert redo.ready is not used
            assert not redo.ready.is_reused

    run(work())
