"""Load and its service as processes beside a test, so that what measures does not wait for what it measures."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from gateway_harness import storm_client, storm_origin
from gateway_harness.polling import WAIT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway_harness.gateway_process import GatewayProcess


class Failure(NamedTuple):
    """A request without a whole answer, or a connection that could not be had; moments by the monotonic clock."""

    began: float
    ended: float
    what: str


class Told(NamedTuple):
    """What became of all requests. ``announced`` connections ended as the last answer had said, ``ended_idle`` without
    a word between two requests."""

    statuses: dict[str, int]
    failures: list[Failure]
    announced: int
    ended_idle: int


class Load:
    """A running storm_client."""

    def __init__(self, port: int, connections: int, rate: float, ca: str = "") -> None:
        command = (sys.executable, storm_client.__file__, str(port), str(connections), str(rate), ca)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def stop(self) -> Told:
        out, _ = self._process.communicate(timeout=4 * WAIT_SECONDS)
        told = json.loads(out)
        failures = [Failure(**each) for each in told["failures"]]
        return Told(told["statuses"], failures, told["announced"], told["ended_idle"])

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def storm_origins() -> Iterator[list[str]]:
    """Two targets."""
    with subprocess.Popen(
        (sys.executable, storm_origin.__file__), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield [f"http://127.0.0.1:{port}" for port in process.stdout.readline().split()]
        process.communicate(timeout=WAIT_SECONDS)


class Scraper:
    """Reads the metrics again and again; ``wrong`` are counters that went back or away, ``last`` the values."""

    def __init__(self, gateway: GatewayProcess, seconds: float = 0.3) -> None:
        self._gateway = gateway
        self._seconds = seconds
        self._is_over = threading.Event()
        self.last: dict[tuple[str, str], float] = {}
        self.wrong: list[str] = []
        self.scrapes = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join(WAIT_SECONDS)
        self.look()

    def look(self) -> None:
        _, text = self._gateway.admin("GET", "/metrics")
        now: dict[tuple[str, str], float] = {}
        for family in text_string_to_metric_families(text):
            if family.type in ("counter", "histogram"):
                for sample in family.samples:
                    now[sample.name, json.dumps(sample.labels, sort_keys=True)] = sample.value
        for key, value in self.last.items():
            if now.get(key, -1) < value:
                self.wrong.append(f"{key}: {value} -> {now.get(key)}")
        self.last = now
        self.scrapes += 1

    def sum_of(self, name: str) -> float:
        return sum(value for key, value in self.last.items() if key[0] == name)

    def _run(self) -> None:
        while not self._is_over.wait(self._seconds):
            self.look()


def now() -> float:
    """The clock of `Failure`."""
    return time.monotonic()
