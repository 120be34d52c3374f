"""Real workers: together, or not at all."""

import asyncio
import os
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from gateway_harness.controlling import Supervised, get, run, snapshot, supervised, until
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from moongate.compile import Snapshot
from moongate.control import child as child_module
from moongate.control.sockets import addresses


def named(name: bytes) -> ScriptedOrigin:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            connection.answer(200, name)

    return ScriptedOrigin(script)


def pids(held: object) -> list[int]:
    return [slot.child.pid for slot in held.supervisor._slots if slot.child is not None]  # type: ignore[attr-defined]


async def started(held: Supervised, plan: Snapshot) -> tuple[str, int]:
    """Where ``plan`` is served, by all workers."""
    package = held.package(plan)
    held.sockets.adopt(package.sockets)
    assert await held.supervisor.start(package) == []
    [where] = addresses(package.sockets)
    return where


def test_all_change_together_or_none() -> None:
    async def work() -> None:
        with named(b"one") as one, named(b"two") as two:
            async with supervised(2) as held:
                where = await started(held, snapshot(one.url))
                assert {await get(where) for _ in range(20)} == {b"one"}
                tls = "{bind: '127.0.0.1:0', tls: {certificate: no.pem, key: no.key}}"
                problems = await held.supervisor.reload(held.package(snapshot(two.url, 2, tls)))
                assert problems == ["no.pem: no such file in the working directory, or it can not be read"], (
                    "once, not for each worker"
                )
                assert {await get(where) for _ in range(20)} == {b"one"}
                assert await held.supervisor.reload(held.package(snapshot(two.url, 2))) == []
                assert {await get(where) for _ in range(20)} == {b"two"}

    run(work())


def test_whoever_replaces_a_worker_serves_what_the_others_do() -> None:
    async def work() -> None:
        with named(b"one") as one, named(b"two") as two:
            async with supervised(2) as held:
                where = await started(held, snapshot(one.url))
                await held.supervisor.reload(held.package(snapshot(two.url, 2)))
                first = pids(held)
                os.kill(first[0], signal.SIGKILL)
                assert {await get(where) for _ in range(20)} == {b"two"}, "who waits for the dead one is served too"
                await until(lambda: len(pids(held)) == 2 and first[0] not in pids(held), "it is replaced")
                assert held.has_said(f"worker 1 (pid {first[0]}) was killed by SIGKILL")
                assert held.has_said("takes its place and serves generation 2")

    run(work())


def test_a_worker_that_ends_as_a_reload_begins_has_no_say() -> None:
    async def work() -> None:
        with named(b"one") as one, named(b"two") as two:
            async with supervised(2) as held:
                where = await started(held, snapshot(one.url))
                child = held.supervisor._slots[0].child
                assert child is not None
                child.kill()
                await child.ended  # told to this task just before the slot hears of it
                assert await held.supervisor.reload(held.package(snapshot(two.url, 2))) == []
                await until(lambda: len(pids(held)) == 2, "it is replaced")
                assert {await get(where) for _ in range(20)} == {b"two"}

    run(work())


def test_a_config_that_mends_what_no_worker_can_start_with_is_taken(tmp_path: Path) -> None:
    async def work() -> None:
        log = tmp_path / "log"
        log.mkdir()
        with named(b"one") as one, named(b"two") as two:
            async with supervised(1) as held:
                plan = replace(snapshot(one.url), access_log=f"{log}/access.log")
                where = await started(held, plan)
                log.rename(tmp_path / "elsewhere")
                os.kill(pids(held)[0], signal.SIGKILL)
                await until(lambda: held.has_said("worker 1 can not be replaced"), "there is no worker")
                nowhere = held.package(replace(snapshot(two.url, 2), access_log=f"{tmp_path}/none/access.log"))
                [problem] = await held.supervisor.reload(nowhere)
                assert problem.startswith("cannot open the access log")
                assert await held.supervisor.reload(held.package(snapshot(two.url, 3))) == []
                await until(lambda: pids(held), "there is one")
                assert await get(where) == b"two"

    run(work())


def test_a_worker_that_does_not_take_a_reload_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "ANSWER_SECONDS", 3.0)

    async def work() -> None:
        with named(b"one") as one, named(b"two") as two:
            async with supervised(2) as held:
                where = await started(held, snapshot(one.url))
                first = pids(held)
                # Without descriptors it is handed no listeners, and hears nothing of the reload.
                before = resource.prlimit(first[0], resource.RLIMIT_NOFILE)
                resource.prlimit(first[0], resource.RLIMIT_NOFILE, (3, before[1]))
                assert await held.supervisor.reload(held.package(snapshot(two.url, 2))) == []
                resource.prlimit(first[0], resource.RLIMIT_NOFILE, before)
                await until(lambda: len(pids(held)) == 2 and first[0] not in pids(held), "it is replaced")
                assert {await get(where) for _ in range(20)} == {b"two"}

    run(work())


def test_a_worker_that_is_told_to_end_finishes_beside_its_successor() -> None:
    async def work() -> None:
        let = asyncio.Event()
        loop = asyncio.get_running_loop()

        def script(connection: OriginConnection) -> None:
            while True:
                request = connection.read_request()
                if request.target == "/slow":
                    asyncio.run_coroutine_threadsafe(let.wait(), loop).result(20)
                connection.answer()

        with ScriptedOrigin(script) as origin:
            async with supervised(1) as held:
                where = await started(held, snapshot(origin.url))
                reader, writer = await asyncio.open_connection(*where)
                writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
                await until(lambda: origin.requests, "the request is there")
                before = pids(held)
                os.kill(before[0], signal.SIGTERM)
                await until(lambda: pids(held) not in ([], before), "somebody took its place")
                assert await get(where) == b"ok"
                let.set()
                assert (await reader.read()).endswith(b"ok")
                writer.close()

    run(work())


def test_workers_that_can_not_start_are_told() -> None:
    async def work() -> None:
        async with supervised(2) as held:
            tls = "{bind: '127.0.0.1:0', tls: {certificate: no.pem, key: no.key}}"
            package = held.package(snapshot("http://127.0.0.1:1", 1, tls))
            held.sockets.adopt(package.sockets)
            assert await held.supervisor.start(package) == [
                "no.pem: no such file in the working directory, or it can not be read"
            ]

    run(work())


class KeptAlive:
    """A client that sends one request after the other on one connection, for as long as that lives."""

    def __init__(self, where: tuple[str, int]) -> None:
        self._where = where
        self.answered = 0
        self.is_lost = False
        self.is_wanted = True

    async def run(self) -> None:
        reader, writer = await asyncio.open_connection(*self._where)
        try:
            while self.is_wanted:
                writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
                assert await reader.readexactly(3) == b"one"
                self.answered += 1
                await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.is_lost = True
        finally:
            writer.close()


def test_connections_are_evened_out_while_they_are_used() -> None:
    """A worker that takes a dead one's place gets half of what the other has; and no request is lost by that."""

    async def work() -> None:
        with named(b"one") as one:
            async with supervised(2) as held:
                where = await started(held, snapshot(one.url))
                clients = [KeptAlive(where) for _ in range(40)]
                tasks = [asyncio.create_task(client.run()) for client in clients]
                await until(lambda: all(client.answered > 3 for client in clients), "all are there")
                dead = pids(held)[0]
                os.kill(dead, signal.SIGKILL)
                await until(lambda: any(client.is_lost for client in clients), "its clients notice")
                await until(lambda: len(pids(held)) == 2 and dead not in pids(held), "it is replaced")
                left = [client for client in clients if not client.is_lost]

                def is_even() -> bool:
                    counts = [worker.connections for worker in held.supervisor.workers]
                    return sum(counts) == len(left) and max(counts) - min(counts) <= max(4, len(left) // 10)

                await until(is_even, "each has about half of them")
                before = [client.answered for client in left]
                await until(lambda: all(c.answered > b + 3 for c, b in zip(left, before, strict=True)), "all go on")
                assert not any(client.is_lost for client in left)
                for client in clients:
                    client.is_wanted = False
                await asyncio.gather(*tasks)

    run(work())
