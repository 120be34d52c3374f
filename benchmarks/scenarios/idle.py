"""What a client costs that has made its request and stays connected, as browsers and pooled clients do."""

from __future__ import annotations

import resource
import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks.model import BODY, Bar, BenchmarkError, Column, Needs
from benchmarks.scenarios.scenario import Scenario
from benchmarks.wrk import headers

if TYPE_CHECKING:
    from benchmarks.stand import Stand

CONNECTIONS = 10_000
SPARE_FILES = 500
SETTLE_S = 1.0
REQUEST = "".join(
    ["GET /items/42 HTTP/1.1\r\nHost: 127.0.0.1\r\n", *(f"{k}: {v}\r\n" for k, v in headers().items()), "\r\n"]
)


def measure(stand: Stand) -> dict[str, float]:
    """Memory before and after; the gateway has served full load before, so its own buffers are there already."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < CONNECTIONS + SPARE_FILES:
        raise BenchmarkError(f"{CONNECTIONS} connections need a higher limit of open files than {most}: see ulimit -Hn")
    stand.saturate()
    before = stand.memory_bytes()
    with ExitStack() as held:
        for number in range(CONNECTIONS):
            _ask(held.enter_context(_connect(stand.site.port, number)))
        time.sleep(SETTLE_S)
        after = stand.memory_bytes()
    return {
        "idle_kib": (after - before) / CONNECTIONS / 1024,
        "before_mib": before / 2**20,
        "after_mib": after / 2**20,
    }


def _connect(port: int, number: int) -> socket.socket:
    """From one of a hundred loopback addresses: gateways limit what a single one may hold, and rightly."""
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(f"127.0.1.{number % 100 + 1}", 0))


def _ask(connection: socket.socket) -> None:
    connection.sendall(REQUEST.encode())
    answer = b""
    while not answer.endswith(BODY):
        received = connection.recv(65536)
        if not received:
            raise BenchmarkError(f"a connection was closed before its answer was complete: {answer[:80]!r}")
        answer += received
    if not answer.startswith(b"HTTP/1.1 200"):
        raise BenchmarkError(f"an answer was not a success: {answer[:80]!r}")


IDLE = Scenario(
    name="idle",
    title="10,000 idle connections",
    explanation="Memory an idle keep-alive connection holds after one request, without the kernel's own buffers.",
    measure=measure,
    needs=Needs(connections=CONNECTIONS),
    columns=(
        Column("idle_kib", "KiB per idle connection", 2),
        Column("before_mib", "before, MiB"),
        Column("after_mib", "with 10,000, MiB"),
    ),
    bars=(Bar(12.0),),
)
