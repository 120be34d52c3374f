"""A worker in this process: prepare and commit, on real sockets."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gateway_harness.exchanges import exchange_of
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from moongate.compile import Snapshot
from moongate.compile.compiler import JUDGES, compile_config
from moongate.config import parse
from moongate.net.listener import bind
from moongate.worker.serving import Unready, Worker


def snapshot(target: str, generation: int = 1, more: str = "", log: Path | None = None) -> Snapshot:
    text = (
        f"version: 1\nlisteners: [{{bind: '127.0.0.1:0'}}]\naccess_log: {log or 'false'}\n{more}"
        f"services: {{s: {{targets: ['{target}']}}}}\nroutes: [{{name: r{generation}, match: {{}}, service: s}}]\n"
    )
    return compile_config(parse(text, "gateway.yaml", JUDGES), generation)


def named(name: bytes) -> ScriptedOrigin:
    """A service that answers with its name."""

    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            connection.answer(200, name)

    return ScriptedOrigin(script)


def run(work: Callable[[Worker], Coroutine[Any, Any, None]]) -> None:
    """``work`` with a worker that is closed afterwards."""

    async def with_worker() -> None:
        worker = Worker(asyncio.get_running_loop(), 1024)
        try:
            await work(worker)
        finally:
            await worker.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(with_worker(), 30))


def open_files() -> set[str]:
    """What the descriptors of this process are; others may close theirs meanwhile."""
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(str(each.readlink()))
    return found


async def get(worker: Worker, listener: int = 0) -> bytes:
    reader, writer = await asyncio.open_connection(*worker.addresses[listener])
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.rpartition(b"\r\n\r\n")[2]


async def serve(worker: Worker, plan: Snapshot) -> None:
    await worker.commit(worker.prepare(plan, [bind(each.host, each.port) for each in plan.listeners]))


def test_one_snapshot_follows_another_on_the_same_socket() -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one, named(b"two") as two:
            await serve(worker, snapshot(one.url))
            where = worker.addresses
            assert await get(worker) == b"one"
            await serve(worker, snapshot(two.url, 2))
            assert worker.addresses == where
            assert await get(worker) == b"two"

    run(work)


def test_an_exchange_ends_with_the_snapshot_it_began_with(tmp_path: Path) -> None:
    log = tmp_path / "log"

    async def work(worker: Worker) -> None:
        with named(b"one") as one, named(b"two") as two:
            await serve(worker, snapshot(one.url, log=log))
            reader, writer = await asyncio.open_connection(*worker.addresses[0])
            begun = b"10001\r\n" + bytes(65537) + b"\r\n"  # so much of a body is not awaited any longer
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + begun)
            await asyncio.to_thread(one.wait_requests, 1)
            await serve(worker, snapshot(two.url, 2, log=log))
            writer.write(b"0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()
            assert answer.count(b"HTTP/1.1 200") == 2
            assert b"one" in answer
            assert answer.endswith(b"two")

    run(work)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["generation"], line["route"]) for line in lines] == [(1, "r1"), (2, "r2")]


def test_what_can_not_be_served_is_told_whole_and_changes_nothing(tmp_path: Path) -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one:
            await serve(worker, snapshot(one.url))
            text = (
                "version: 1\nlisteners:\n- {bind: '127.0.0.1:0'}\n"
                f"- {{bind: '[::1]:0', tls: {{certificate: {tmp_path}/no.pem, key: {tmp_path}/no.key}}}}\n"
                f"access_log: {tmp_path}/no/log\n"
                f"services: {{s: {{targets: ['https://127.0.0.1:1'], tls: {{ca: {tmp_path}/no.ca}}}}}}\n"
                "routes: [{name: r, match: {}, service: s}]\n"
            )
            bad = compile_config(parse(text, "gateway.yaml", JUDGES), 2)
            sockets = [bind(each.host, 0) for each in bad.listeners]
            with pytest.raises(Unready) as raised:
                worker.prepare(bad, sockets)
            assert [problem.partition(":")[0] for problem in raised.value.problems] == [
                f"{tmp_path}/no.pem",
                f"{tmp_path}/no.ca",
                f"cannot open the access log {tmp_path}/no/log",
            ]
            assert [sock.fileno() for sock in sockets] == [-1, -1]
            assert await get(worker) == b"one"

    run(work)


def test_what_was_prepared_and_abandoned_leaves_nothing(tmp_path: Path) -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one:
            await serve(worker, snapshot(one.url))
            before = open_files()
            plan = snapshot(one.url, 2, log=tmp_path / "log")
            worker.abandon(worker.prepare(plan, [bind("127.0.0.1", 0)]))
            assert open_files() <= before
            assert await get(worker) == b"one"

    run(work)


def test_bounds_follow_the_snapshot() -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one:
            await serve(worker, snapshot(one.url))
            held = [await asyncio.open_connection(*worker.addresses[0]) for _ in range(3)]
            assert await get(worker) == b"one"
            await serve(worker, snapshot(one.url, 2, more="limits: {connections_per_address: 3}\n"))
            with contextlib.suppress(ConnectionError):
                assert await get(worker) == b"", "closed unread"
            for _, writer in held:
                writer.close()

    run(work)


def test_the_log_moves_with_the_snapshot_and_loses_no_line(tmp_path: Path) -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one:
            for generation in (1, 2):
                await serve(worker, snapshot(one.url, generation, log=tmp_path / str(generation)))
                await get(worker)

    run(work)
    for generation in (1, 2):
        [line] = (tmp_path / str(generation)).read_text().splitlines()
        assert json.loads(line)["generation"] == generation


def test_a_listener_that_goes_refuses_and_one_that_comes_serves() -> None:
    def plan(url: str, *hosts: str) -> Snapshot:
        listed = ", ".join(f"{{bind: '{host}:0'}}" for host in hosts)
        text = f"version: 1\nlisteners: [{listed}]\naccess_log: false\nservices: {{s: {{targets: ['{url}']}}}}\n"
        return compile_config(parse(text + "routes: [{name: r, match: {}, service: s}]\n", "f", JUDGES), 1)

    async def work(worker: Worker) -> None:
        with named(b"one") as one:
            await serve(worker, plan(one.url, "127.0.0.1"))
            first = worker.addresses[0]
            await serve(worker, plan(one.url, "127.0.0.1", "[::1]"))
            assert worker.addresses[0] == first
            assert [await get(worker, 0), await get(worker, 1)] == [b"one", b"one"]
            second = worker.addresses[1]
            await serve(worker, plan(one.url, "127.0.0.1"))
            assert await get(worker) == b"one"
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*second)

    run(work)


def asked(where: tuple[str, int]) -> socket.socket:
    """A connection that has carried a request, and keeps."""
    sock = socket.create_connection(where, timeout=10)
    sock.sendall(REQUEST)
    return sock


REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def answer_on(sock: socket.socket) -> bytes:
    """What comes until the connection ends or an answer is whole."""
    data = b""
    while not data.endswith(b"one") and (piece := sock.recv(1000)):
        data += piece
    return data


def test_until_the_end_of_the_notice_everybody_is_answered_and_told_that_it_is_the_last_time() -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one:
            await serve(worker, snapshot(one.url, more="drain: {notice: 1s, timeout: 5s}\n"))
            where = worker.addresses[0]
            idle, busy = asked(where), asked(where)
            for each in (idle, busy):
                assert b"close" not in await asyncio.to_thread(answer_on, each)
            leaving = asyncio.ensure_future(worker.drain(asyncio.Event()))
            await asyncio.sleep(0)
            fresh = await asyncio.to_thread(asked, where)
            busy.sendall(REQUEST)
            for each in (fresh, busy):
                assert b"Connection: close" in await asyncio.to_thread(answer_on, each)
                assert await asyncio.to_thread(each.recv, 1) == b""
            idle.setblocking(False)
            with pytest.raises(BlockingIOError):
                idle.recv(1)
            await leaving
            idle.settimeout(10)
            assert await asyncio.to_thread(idle.recv, 1) == b"", "only at the end of the notice"
            with pytest.raises(ConnectionRefusedError):
                await asyncio.to_thread(asked, where)
            for each in (idle, busy, fresh):
                each.close()

    run(work)


@pytest.mark.parametrize("has_notice", [True, False])
def test_a_request_that_has_arrived_unread_is_answered_and_a_notice_can_be_cut_short(has_notice: bool) -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one:
            await serve(worker, snapshot(one.url, more="drain: {notice: 1m, timeout: 5s}\n"))
            client = asked(worker.addresses[0])
            await asyncio.to_thread(answer_on, client)
            hurry = asyncio.Event()
            if has_notice:
                hurry.set()
            client.sendall(REQUEST)  # in the kernel: the worker's loop does not turn meanwhile
            leaving = asyncio.ensure_future(worker.drain(hurry, has_notice=has_notice))
            if not has_notice:
                assert b"Connection: close" in await asyncio.to_thread(answer_on, client)
            await asyncio.wait_for(leaving, 10)
            client.close()

    run(work)


def test_of_many_series_only_the_sums_are_told_unless_all_is_asked_for() -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one:
            await serve(worker, snapshot(one.url))
            await get(worker)
            for status in range(500):
                exchange = exchange_of()
                exchange.status = status
                worker._metrics.exchange_ended(exchange)
            sums = worker.counted(0, is_whole=False)
            assert (sums.outcomes.requests, sums.counts) == (501, None)
            await get(worker)
            counted = worker.counted(1)
            assert counted.counts is not None
            assert (counted.outcomes.requests, len(counted.counts.requests)) == (1, 501)
            assert (("r1", "s", "GET", 200), 2) in counted.counts.requests

    run(work)


def test_what_was_counted_is_told_once_and_targets_can_be_avoided() -> None:
    async def work(worker: Worker) -> None:
        with named(b"one") as one, named(b"two") as two:
            await serve(worker, snapshot(f"{one.url}', '{two.url}"))
            worker.avoid([one.url])
            assert {await get(worker) for _ in range(4)} == {b"two"}
            counted = worker.counted(7, is_whole=False)  # it is so little that all is told
            assert counted.counts is not None
            assert (counted.ticket, counted.outcomes.requests) == (7, 4)
            assert counted.counts.requests == [(("r1", "s", "GET", 200), 4)]
            assert worker.counted(8).outcomes.requests == 0
            states = {state.url: state for state in worker.inspected(9).targets}
            assert (states[one.url].is_up, states[two.url].is_up) == (None, True)

    run(work)
