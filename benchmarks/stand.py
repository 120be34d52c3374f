"""The test stand: origin, gateway and load, each on its core, alive for one window and gone after it."""

from __future__ import annotations

import http.client
import resource
import ssl
import tempfile
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING

from benchmarks import procfs, wrk
from benchmarks.certificate import make_key_pair
from benchmarks.clients import feed
from benchmarks.machine import Cores, free_port
from benchmarks.model import BODY, BenchmarkError, Needs, Site, route_prefix
from benchmarks.origin import origin, write_bodies
from benchmarks.processes import must_live, started

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from benchmarks.peers.peer import Peer

SLICE_S = 1.0
"""A window is measured in slices, because on a busy machine a calm second is found more often than three in a row."""
CALM = 0.05
"""Share of the two cores that strangers may use during a slice; more, and there will be another, up to TRIES times."""
TRIES = 3
GLANCE_S = 0.25
PATIENCE_S = 10.0
"""How long to wait in all, before slices of one window, for strangers to finish."""
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
        load = wrk.Load(
            self.url(path), self.window.warm_up, connections, body, self.prefix_file(), self.site.needs.token
        )
        wrk.run(load)
        load = replace(load, seconds=SLICE_S)
        slices = self.calmest(lambda: self._slice(load), wanted=max(1, round(self.window.measured / SLICE_S)))
        requests, seconds, used = (sum(part[key] for part in slices) for key in ("requests", "seconds", "used"))
        return {
            "cpu_us": used / requests * 1e6,
            "busy": used / seconds,
            "rps": requests / seconds,
            "p50_ms": median(part["p50_ms"] for part in slices),
            "p99_ms": median(part["p99_ms"] for part in slices),
            "memory_mib": self.memory_bytes() / 2**20,
            "strangers": fmean(part["strangers"] for part in slices),
        }

    def _slice(self, load: wrk.Load) -> dict[str, float]:
        before = self.cpu_seconds()
        seen = wrk.run(load)
        used = self.cpu_seconds() - before
        if seen.failed:
            raise BenchmarkError(f"{seen.failed} of {seen.requests} requests failed")
        return {
            "used": used,
            "requests": seen.requests,
            "seconds": seen.seconds,
            "p50_ms": seen.p50_ms,
            "p99_ms": seen.p99_ms,
        }

    def calmest(self, attempt: Callable[[], dict[str, float]], wanted: int = 1) -> list[dict[str, float]]:
        """Measure while the machine is calm: make up to `TRIES` times the wanted attempts, keep those least disturbed.

        Adds `strangers` to each: the share of the cores that was used by others than gateway, origin and load.
        """
        tries: list[dict[str, float]] = []
        patience = PATIENCE_S
        while len(tries) < wanted * TRIES and sum(values["strangers"] <= CALM for values in tries) < wanted:
            while patience > 0 and self._strangers_during(lambda: time.sleep(GLANCE_S)) > CALM:
                patience -= GLANCE_S
            values: dict[str, float] = {}
            share = self._strangers_during(lambda: values.update(attempt()))  # noqa: B023 - called at once
            tries.append({**values, "strangers": share})
        return sorted(tries, key=lambda values: values["strangers"])[:wanted]

    def _strangers_during(self, action: Callable[[], None]) -> float:
        began, before = time.monotonic(), self._strangers_seconds()
        action()
        spent = self._strangers_seconds() - before
        return max(0.0, spent / (time.monotonic() - began) / len(self.cores.all))

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
        with (
            feed() if needs.full else nullcontext(0) as accounts,
            _configured(peer, folder, needs, accounts) as site,
            origin(folder, site.origin, cores.origin, needs) as behind,
            started(peer.command(site), cores.gateway, folder, LOG) as gateway,
        ):
            _wait_until_ready(site, gateway)
            yield Stand(site, window, cores, gateway, behind)


@contextmanager
def _configured(peer: Peer, folder: Path, needs: Needs, accounts: int) -> Iterator[Site]:
    site = Site(folder, free_port(), free_port(), needs, make_key_pair(folder) if needs.tls else None, accounts)
    peer.write_config(site)
    yield site


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
        connection.request("GET", path, headers=wrk.headers(shows_token=site.needs.token))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as error:
        raise OSError(f"not HTTP: {error!r}") from error
    finally:
        connection.close()
