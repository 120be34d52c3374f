"""The test stand: origin, gateway and load, each on its core, alive for one window and gone after it."""

from __future__ import annotations

import http.client
import resource
import ssl
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import procfs, wrk
from benchmarks.certificate import make_key_pair
from benchmarks.machine import Cores, free_port
from benchmarks.model import BODY, BenchmarkError, Needs, Site, route_prefix
from benchmarks.origin import origin, write_bodies
from benchmarks.processes import must_live, started

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from benchmarks.peers.peer import Peer

CALM = 0.05
"""Share of the two cores that strangers may use while a window is measured; more, and the window is tried again."""
TRIES = 3
READY_WITHIN_S = 60.0
LOG = "gateway.log"


@dataclass(frozen=True, slots=True)
class Window:
    """How long to load a gateway before and while it is measured, in seconds."""

    warm_up: float
    measured: float


@dataclass(frozen=True, slots=True)
class Stand:
    """A gateway that answers, and the means to load it and to read what that costs."""

    site: Site
    window: Window
    cores: Cores
    gateway: subprocess.Popen[bytes]
    origin: subprocess.Popen[bytes]

    def url(self, path: str) -> str:
        return f"{self.site.scheme}://127.0.0.1:{self.site.port}{path}"

    def file(self, size: int) -> Path:
        """A file of `size` random bytes, one of `origin.SIZES`; the origin serves it at /bytes/SIZE."""
        return self.site.folder / "bytes" / str(size)

    def cpu_seconds(self) -> float:
        return procfs.cpu_seconds(self.gateway.pid)

    def memory_bytes(self) -> int:
        return procfs.memory_bytes(self.gateway.pid)

    def prefix_file(self) -> Path | None:
        """All route prefixes, one a line, for wrk to visit in turn; None where there is one route."""
        if self.site.needs.routes == 1:
            return None
        path = self.site.folder / "prefixes"
        path.write_text("".join(f"{prefix}\n" for prefix in self.site.prefixes()))
        return path

    def saturate(self, path: str = "/items/42", body: Path | None = None, connections: int = 64) -> dict[str, float]:
        """Load the gateway with all it can take; CPU per request, throughput, latency and memory.

        Raises BenchmarkError if one answer was not a success: a gateway that errs is quick.
        """
        prefixes = self.prefix_file()
        wrk.run(wrk.Load(self.url(path), self.window.warm_up, connections, body, prefixes))
        load = wrk.Load(self.url(path), self.window.measured, connections, body, prefixes)
        return self.calmest(lambda: self._saturate(load))

    def _saturate(self, load: wrk.Load) -> dict[str, float]:
        before = self.cpu_seconds()
        result = wrk.run(load)
        used = self.cpu_seconds() - before
        if result.failed:
            raise BenchmarkError(f"{result.failed} of {result.requests} requests failed")
        return {
            "cpu_us": used / result.requests * 1e6,
            "busy": used / result.seconds,
            "rps": result.requests / result.seconds,
            "p50_ms": result.p50_ms,
            "p99_ms": result.p99_ms,
            "memory_mib": self.memory_bytes() / 2**20,
        }

    def calmest(self, attempt: Callable[[], dict[str, float]]) -> dict[str, float]:
        """Measure when the machine is calm: try up to `TRIES` times, keep the try that strangers disturbed least.

        Adds `strangers`, the share of the cores that processes other than gateway, origin and load used meanwhile.
        """
        tries: list[dict[str, float]] = []
        while len(tries) < TRIES and not any(values["strangers"] <= CALM for values in tries):
            began, before = time.monotonic(), self._strangers_seconds()
            values = attempt()
            spent = (self._strangers_seconds() - before) / (time.monotonic() - began) / len(self.cores.all)
            tries.append({**values, "strangers": max(0.0, spent)})
        return min(tries, key=lambda values: values["strangers"])

    def _strangers_seconds(self) -> float:
        """Busy time of the cores less what gateway, origin, this process and the load generators it waited for used."""
        own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        ours = own + self.cpu_seconds() + procfs.cpu_seconds(self.origin.pid)
        return procfs.busy_seconds(self.cores.all) - ours


@contextmanager
def standing(peer: Peer, needs: Needs, window: Window, cores: Cores) -> Iterator[Stand]:
    """Start origin and gateway in a folder of their own, wait until an answer comes through, end both on leaving."""
    with tempfile.TemporaryDirectory(prefix="moongate-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # started by root, nginx reads its files as nobody
        write_bodies(folder)
        site = Site(folder, free_port(), free_port(), needs, make_key_pair(folder) if needs.tls else None)
        peer.write_config(site)
        with (
            origin(folder, site.origin, cores.origin, needs) as behind,
            started(peer.command(site), cores.gateway, folder, LOG) as gateway,
        ):
            _wait_until_ready(site, gateway)
            yield Stand(site, window, cores, gateway, behind)


def _wait_until_ready(site: Site, process: subprocess.Popen[bytes]) -> None:
    """Ask until the origin's answer comes through the gateway, on the last route where there are many."""
    path = "/items/42" if site.needs.routes == 1 else route_prefix(site.needs.routes - 1) + "items/42"
    deadline = time.monotonic() + READY_WITHIN_S
    said = "nothing"
    while time.monotonic() < deadline:
        must_live(process, site.folder, LOG)
        try:
            status, body = _ask(site, path)
        except OSError as error:
            said = str(error)
        else:
            if (status, body) == (200, BODY):
                return
            said = f"{status} {body[:80]!r}"
        time.sleep(0.05)
    raise BenchmarkError(f"not ready within {READY_WITHIN_S:.0f} s; the last answer: {said}")


def _ask(site: Site, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    if site.tls:
        trust = ssl.create_default_context(cafile=str(site.tls.certificate))
        connection = http.client.HTTPSConnection("127.0.0.1", site.port, timeout=5, context=trust)
    try:
        connection.request("GET", path, headers=wrk.HEADERS)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as error:
        raise OSError(f"not HTTP: {error!r}") from error
    finally:
        connection.close()
