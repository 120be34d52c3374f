"""`python -m benchmarks.shares`: how evenly two workers share the work of 64 kept-alive connections.

Below saturation, where the load is the only thing that decides it: on two cores that are full, the scheduler does.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import procfs
from benchmarks.machine import choose_cores, free_port
from benchmarks.model import BenchmarkError, Needs
from benchmarks.open_load import OpenLoad
from benchmarks.origin import origin, write_bodies
from benchmarks.peers.peer import must_find

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTS = 20
RATE = 4000
"""Requests a second."""
SETTLING_S, MEASURED_S = 1.5, 4.0
BAR = 0.6


@contextmanager
def _workers(folder: Path, port: int, target: int) -> Iterator[int]:
    """A gateway with two workers; yields the id of its session."""
    config = folder / "gateway.yaml"
    config.write_text(
        f"version: 1\nlisteners: [{{bind: '127.0.0.1:{port}'}}]\naccess_log: false\nadmin: false\n"
        f"drain: {{notice: 0s}}\nservices: {{s: {{targets: ['http://127.0.0.1:{target}']}}}}\n"
        "routes: [{name: r, match: {path: /**}, service: s}]\n"
    )
    command = [must_find("moongate"), "run", str(config), "--workers", "2"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log, start_new_session=True) as control:
        try:
            _wait_until_ready(port)
            yield control.pid
        finally:
            control.terminate()


def _wait_until_ready(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise BenchmarkError("the gateway did not start")


def _share(load: OpenLoad, session: int, seconds: float, seed: int) -> float:
    """Of the CPU time of both workers, that of the busier one."""
    before = _ticks(session)
    load.run(RATE, seconds, seed)
    used = [ticks - before[pid] for pid, ticks in _ticks(session).items()]
    return max(used) / sum(used)


def _ticks(session: int) -> dict[int, int]:
    """Of the workers, by their process ids."""
    return {stat.pid: stat.ticks for stat in procfs.session_stats(session) if stat.pid != session}


def main() -> int:
    """Prints a line for each start; 1 if the busier worker had more than BAR of the work in any."""
    shares: list[float] = []
    with tempfile.TemporaryDirectory(prefix="moongate-shares-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        write_bodies(folder)
        port, target = free_port(), free_port()
        with origin(folder, target, choose_cores().origin, Needs()), _workers(folder, port, target) as session:
            time.sleep(1)
            for number in range(STARTS):
                with closing(OpenLoad(port)) as load:
                    at_first = _share(load, session, SETTLING_S, number)
                    shares.append(_share(load, session, MEASURED_S, number))
                print(f"start {number + 1}: {at_first:.0%} in the first {SETTLING_S:g} s, then {shares[-1]:.0%}")
    print(f"the busier of two workers had {min(shares):.0%} to {max(shares):.0%} of the CPU time; bar {BAR:.0%}")
    return int(max(shares) > BAR)


if __name__ == "__main__":
    raise SystemExit(main())
