"""The load generators and the echo origin, against each other: real processes on loopback."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from benchmarks import websocket_load
from benchmarks.machine import free_port
from benchmarks.model import BenchmarkError, Needs
from benchmarks.open_load import OpenLoad
from benchmarks.origin import origin
from benchmarks.procfs import session_stats

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    Running = tuple[int, subprocess.Popen[bytes]]


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Running]:
    port = free_port()
    with origin(tmp_path, port, min(os.sched_getaffinity(0)), Needs(upgrade=True)) as process:
        deadline = time.monotonic() + 20
        while not _listens(port):
            assert time.monotonic() < deadline, (tmp_path / "origin.log").read_text()
            time.sleep(0.02)
        yield port, process


def test_an_open_load_is_answered(echo: Running) -> None:
    with closing(OpenLoad(echo[0])) as load:
        seen = load.run(rate=400, seconds=0.5, seed=1)
    assert 0 < seen.p50_ms <= seen.p99_ms


def test_a_stall_is_paid_for_by_all_who_had_to_wait(echo: Running) -> None:
    # 0.4 s of a 1 s window: 400 requests fall due meanwhile, far more than there are connections
    stall = threading.Timer(0.3, _stop_for, (echo[1], 0.4))
    with closing(OpenLoad(echo[0])) as load:
        stall.start()
        seen = load.run(rate=1000, seconds=1.0, seed=1)
        stall.join()
    assert seen.p99_ms > 300


def test_messages_are_echoed_and_counted(echo: Running) -> None:
    meter = iter([1.0, 3.5])
    seen = websocket_load.run(echo[0], connections=4, seconds=0.3, cpu_seconds=lambda: next(meter))
    assert seen.messages > 10
    assert seen.cpu_seconds == 2.5


def test_a_refused_upgrade_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = threading.Thread(target=_answer_once, args=(server, b"HTTP/1.1 404 Not Found\r\n\r\n"))
        answer.start()
        with pytest.raises(BenchmarkError, match=r"no upgrade: b'HTTP/1\.1 404"):
            websocket_load.run(server.getsockname()[1], connections=1, seconds=1, cpu_seconds=lambda: 0.0)
        answer.join()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _stop_for(process: subprocess.Popen[bytes], seconds: float) -> None:
    pids = [stat.pid for stat in session_stats(process.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)
