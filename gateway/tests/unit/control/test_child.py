"""One real worker process, ordered about."""

import asyncio
import os
import pickle
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway_harness.controlling import get, run, snapshot, until
from gateway_harness.origin import ScriptedOrigin
from moongate.control import child as child_module
from moongate.control.child import Child, ChildLost, start_child
from moongate.control.tally import Tally
from moongate.net.listener import address_of, bind
from moongate.net.tasks import Tasks


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
                assert problems == ["no.pem: no such file, or it can not be read"]
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
