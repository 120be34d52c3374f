"""One real worker process, ordered about."""

import asyncio
import os
import pickle
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway_harness.controlling import get, run, snapshot, until
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from moongate.control import child as child_module
from moongate.control.child import Child, ChildLost, start_child
from moongate.control.tally import Tally
from moongate.net.listener import address_of, bind
from moongate.net.tasks import Tasks
from moongate.worker import messages


def mapped_by(child: Child) -> str:
    return Path(f"/proc/{child.pid}/maps").read_text()


@asynccontextmanager
async def started(cpu: int | None = None) -> AsyncIterator[Child]:
    tasks = Tasks()
    child = await start_child(cpu, tasks, Tally())
    try:
        await child.started()
        yield child
    finally:
        child.kill()
        await child.ended
        await tasks.cancel()


def keeping_alive() -> ScriptedOrigin:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            connection.answer(200, b"ok")

    return ScriptedOrigin(script)


def limit_with(child: Child, free: int) -> int:
    """The limit of descriptors below which so many are free."""
    taken = {int(each.name) for each in Path(f"/proc/{child.pid}/fd").iterdir()}
    return [number for number in range(len(taken) + 2) if number not in taken][free]


async def ask(client: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    reader, writer = client
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    await reader.readexactly(2)


def test_it_serves_what_it_was_given_and_ends_when_told() -> None:
    async def work() -> None:
        with ScriptedOrigin() as origin, bind("127.0.0.1", 0) as sock:
            async with started() as child:
                assert await child.prepare(pickle.dumps(snapshot(origin.url)), [sock]) == []
                await child.commit()
                assert await get(address_of(sock)) == b"ok"
                child.drain()
                assert await child.ended == "ended with status 0"

    run(work())


def test_a_worker_holds_neither_the_config_reader_nor_the_commands() -> None:
    """What is handed a compiled snapshot needs no 20 MB to compile one."""

    async def work() -> None:
        with ScriptedOrigin() as origin, bind("127.0.0.1", 0) as sock:
            async with started() as child:
                await child.prepare(pickle.dumps(snapshot(origin.url)), [sock])
                await child.commit()
                assert await get(address_of(sock)) == b"ok"
                mapped = mapped_by(child)
                assert "uvloop" in mapped
                assert "pydantic" not in mapped
                assert "yaml" not in mapped

    run(work())


def test_a_problem_is_told_and_the_worker_goes_on() -> None:
    async def work() -> None:
        tls = "{bind: '127.0.0.1:0', tls: {certificate: no.pem, key: no.key}}"
        with bind("127.0.0.1", 0) as sock:
            async with started() as child:
                problems = await child.prepare(pickle.dumps(snapshot("http://127.0.0.1:1", 1, tls)), [sock])
                assert problems == ["no.pem: no such file in the working directory, or it can not be read"]
                child.abandon()
                assert await child.prepare(pickle.dumps(snapshot("http://127.0.0.1:1")), [sock]) == []

    run(work())


def test_its_death_is_told_in_words_and_answers_nothing() -> None:
    async def work() -> None:
        async with started() as child:
            os.kill(child.pid, signal.SIGKILL)
            assert await child.over == "was killed by SIGKILL"
            with pytest.raises(ChildLost, match="SIGKILL"):
                await child.commit()

    run(work())


def test_a_worker_that_stands_still_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "PING_SECONDS", 0.2)

    async def work() -> None:
        async with started() as child:
            await asyncio.sleep(2)  # longer than five pings: they were answered
            assert not child.over.done()
            os.kill(child.pid, signal.SIGSTOP)
            assert await child.over == "did not answer for 1 s and was killed"

    run(work())


def test_a_worker_that_asks_and_answers_nothing_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "PING_SECONDS", 0.2)

    async def work() -> None:
        async with started() as child:
            os.kill(child.pid, signal.SIGSTOP)
            while not child.over.done():  # as requests go on to make it ask
                child._channel.received(messages.ReplicaUsed({}), [])
                await asyncio.sleep(0.05)
            assert child.over.result() == "did not answer for 1 s and was killed"

    run(work())


@pytest.mark.parametrize("free", [0, 1])
def test_without_descriptors_connections_stay_where_they_are(free: int) -> None:
    async def work() -> None:
        with keeping_alive() as origin, bind("127.0.0.1", 0) as sock:
            async with started() as child:
                await child.prepare(pickle.dumps(snapshot(origin.url)), [sock])
                await child.commit()
                clients = [await asyncio.open_connection(*address_of(sock)) for _ in range(3)]
                for client in clients:
                    await ask(client)
                before = resource.prlimit(child.pid, resource.RLIMIT_NOFILE)
                resource.prlimit(child.pid, resource.RLIMIT_NOFILE, (limit_with(child, free), before[1]))
                assert await child.hand_over(3) == []
                resource.prlimit(child.pid, resource.RLIMIT_NOFILE, before)
                for client in clients:
                    await ask(client)
                    client[1].close()
                await child.count()

    run(work())


def test_a_worker_that_is_told_to_end_by_a_signal_says_so_and_finishes() -> None:
    async def work() -> None:
        async with started() as child:
            os.kill(child.pid, signal.SIGTERM)
            assert await child.over == "was told to end"
            assert await child.ended == "ended with status 0"

    run(work())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_it_does_not_heed_what_the_terminal_says(number: int) -> None:
    async def work() -> None:
        tasks = Tasks()
        child = await start_child(None, tasks, Tally())
        os.kill(child.pid, number)  # before its first line of Python
        await child.started()
        os.kill(child.pid, number)
        with bind("127.0.0.1", 0) as sock:
            assert await child.prepare(pickle.dumps(snapshot("http://127.0.0.1:1")), [sock]) == []
        assert not child.over.done()
        child.kill()
        await child.ended
        await tasks.cancel()

    run(work())


def test_it_is_pinned_where_it_was_told() -> None:
    cpu = min(os.sched_getaffinity(0))

    async def work() -> None:
        async with started(cpu) as child:
            await until(lambda: os.sched_getaffinity(child.pid) == {cpu}, "it is pinned")

    run(work())
