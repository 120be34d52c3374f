"""Real workers: together, or not at all."""

import asyncio
import os
import signal

from gateway_harness.controlling import get, run, snapshot, supervised, until
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from moongate.control.sockets import addresses


def named(name: bytes) -> ScriptedOrigin:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            connection.answer(200, name)

    return ScriptedOrigin(script)


def pids(held: object) -> list[int]:
    return [slot.child.pid for slot in held.supervisor._slots if slot.child is not None]  # type: ignore[attr-defined]


def test_all_change_together_or_none() -> None:
    async def work() -> None:
        with named(b"one") as one, named(b"two") as two:
            async with supervised(2) as held:
                package = held.package(snapshot(one.url))
                held.sockets.adopt(package.sockets)
                [where] = addresses(package.sockets)
                assert await held.supervisor.start(package) == []
                assert {await get(where) for _ in range(20)} == {b"one"}
                tls = "{bind: '127.0.0.1:0', tls: {certificate: no.pem, key: no.key}}"
                problems = await held.supervisor.reload(held.package(snapshot(two.url, 2, tls)))
                assert problems == ["no.pem: no such file, or it can not be read"], "once, not for each worker"
                assert {await get(where) for _ in range(20)} == {b"one"}
                assert await held.supervisor.reload(held.package(snapshot(two.url, 2))) == []
                assert {await get(where) for _ in range(20)} == {b"two"}

    run(work())


def test_whoever_replaces_a_worker_serves_what_the_others_do() -> None:
    async def work() -> None:
        with named(b"one") as one, named(b"two") as two:
            async with supervised(2) as held:
                package = held.package(snapshot(one.url))
                held.sockets.adopt(package.sockets)
                [where] = addresses(package.sockets)
                await held.supervisor.start(package)
                await held.supervisor.reload(held.package(snapshot(two.url, 2)))
                first = pids(held)
                os.kill(first[0], signal.SIGKILL)
                assert {await get(where) for _ in range(20)} == {b"two"}, "who waits for the dead one is served too"
                await until(lambda: len(pids(held)) == 2 and first[0] not in pids(held), "it is replaced")
                assert held.has_said(f"worker 1 (pid {first[0]}) was killed by SIGKILL")
                assert held.has_said("takes its place and serves generation 2")

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
                package = held.package(snapshot(origin.url))
                held.sockets.adopt(package.sockets)
                [where] = addresses(package.sockets)
                await held.supervisor.start(package)
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
            assert await held.supervisor.start(package) == ["no.pem: no such file, or it can not be read"]

    run(work())
