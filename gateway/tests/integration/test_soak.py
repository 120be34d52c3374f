"""Everything at once for a while: requests, uploads, WebSockets, streams of events, clients that break off.

SOAK_SECONDS=600 runs it for ten minutes; a minute is enough to see what leaks with every request.
"""

import contextlib
import hashlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from gateway_harness.websocket_peers import connected, echo, serving

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
MIB = 1 << 20
BLOCK = os.urandom(MIB)


def serve(connection: OriginConnection) -> None:
    """/events, /slow, /N octets, and an upload's digest."""
    while True:
        received = connection.read_request()
        connection.origin.requests.clear()
        target = received.target[1:]
        if target == "events":
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in range(20):
                connection.send(b"%x\r\nid: %04d\n\n\r\n" % (10, number))
                time.sleep(0.02)  # the pace of the events
            connection.send(b"0\r\n\r\n")
        elif target == "slow":
            time.sleep(0.3)  # what a client waits for that then goes
            connection.answer()
        elif target.isdigit():
            connection.answer(200, BLOCK[: int(target)])
        else:
            connection.answer(200, hashlib.sha256(received.body).hexdigest().encode())


class Mix:
    """Kinds of work, each repeated by threads of its own until it is over. ``done`` counts; a failure is kept."""

    def __init__(self, gateway: GatewayProcess) -> None:
        self._gateway = gateway
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []

    def start(self, count: int, work: Callable[[], None]) -> None:
        for _ in range(count):
            thread = threading.Thread(target=self._repeat, args=(work,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(60)

    def _repeat(self, work: Callable[[], None]) -> None:
        try:
            while not self._is_over.is_set():
                work()
                self.done[work.__name__] += 1
        except BaseException as error:  # noqa: BLE001 - told to the test when all is over
            self.failures.append(f"{work.__name__}: {error!r}")

    # -- work

    def requests(self) -> None:
        with self._gateway.connect() as client:
            for _ in range(50):
                size = random.choice((0, 10, 1000, 100_000))
                response = client.request("GET", f"/{size}")
                assert (response.status, len(response.body)) == (200, size)
                time.sleep(0.002)  # a pace that leaves room for the others

    def uploads(self) -> None:
        with self._gateway.connect() as client:
            for size in (100, 70_000, MIB):
                response = client.request("PUT", "/upload", body=BLOCK[:size])
                assert response.body == hashlib.sha256(BLOCK[:size]).hexdigest().encode()
                chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (size, BLOCK[:size])
                response = client.request("POST", "/upload", "Transfer-Encoding: chunked", body=chunk)
                assert response.body == hashlib.sha256(BLOCK[:size]).hexdigest().encode()

    def sockets(self) -> None:
        with connected(self._gateway.port) as socket:
            for size in (5, 1000, 70_000) * 5:
                socket.send(BLOCK[:size])
                assert socket.recv(15) == BLOCK[:size]

    def events(self) -> None:
        with self._gateway.connect() as client:
            assert client.request("GET", "/events").body.count(b"id: ") == 20

    def aborts(self) -> None:
        for opening in (
            b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /1000000 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /ev",
        ):
            with self._gateway.connect() as client:
                client.send(opening)
                time.sleep(0.02)
                client.reset()
        with self._gateway.connect() as client, contextlib.suppress(OSError):
            client.send(b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + BLOCK[:200_000])
            client.reset()

    def nonsense(self) -> None:
        with self._gateway.connect() as client:
            client.send(b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.read_response().status == 400
        time.sleep(0.05)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayProcess]:
    with ScriptedOrigin(serve) as origin, serving(echo) as chat:
        config = (
            f"services: {{origin: {{targets: ['{origin.url}']}}, chat: {{targets: ['http://127.0.0.1:{chat}']}}}}\n"
            "routes:\n"
            "  - {name: chat, match: {path: /chat}, service: chat, upgrade: websocket}\n"
            "  - {name: all, match: {path: /**}, service: origin}\n"
        )
        with running_gateway(tmp_path, config) as gateway:
            yield gateway


def descriptors(gateway: GatewayProcess) -> int:
    return len(list(Path(f"/proc/{gateway.process.pid}/fd").iterdir()))


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
def test_a_mixed_load_leaves_nothing_behind(gateway: GatewayProcess) -> None:
    before = descriptors(gateway)
    mix = Mix(gateway)
    mix.start(4, mix.requests)
    for work in (mix.uploads, mix.sockets, mix.events, mix.aborts, mix.nonsense):
        mix.start(1, work)
    began, sizes = time.monotonic(), []
    while (passed := time.monotonic() - began) < SECONDS:
        if passed > SECONDS / 4:  # by then caches, buffers and pools have their size
            sizes.append(gateway.resident_bytes())
        time.sleep(0.5)
    mix.stop()
    assert mix.failures == []
    assert set(mix.done) == {"requests", "uploads", "sockets", "events", "aborts", "nonsense"}
    eventually(lambda: descriptors(gateway) <= before, "every connection is closed, the pools' too")
    lines = gateway.log_lines()
    wrong = Counter((line["status"], line["code"], line["reason"]) for line in lines if line["status"] >= 500)
    assert not wrong
    third = len(sizes) // 3
    early, late = sum(sizes[:third]) / third, sum(sizes[-third:]) / third
    print(f"{dict(mix.done)} {len(lines)} exchanges, {early / MIB:.1f} to {late / MIB:.1f} MiB")
    # Bounded memories of what strangers say fill for some hundred thousand exchanges: 2 MiB in 200 s, 3 in a minute
    # beside other tests. An exchange that is not let go would make it 60.
    assert late - early < 6 * MIB, f"{early / MIB:.1f} to {late / MIB:.1f} MiB"
