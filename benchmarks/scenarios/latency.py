"""Latency at 50 % and 80 % of what a gateway can do, where people run them; at full load every queue is long."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.model import BenchmarkError, Column
from benchmarks.open_load import OpenLoad
from benchmarks.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from benchmarks.stand import Stand

SHARES = {50: 0.5, 80: 0.8}
TOO_LATE_MS = 1.0
SEED = 7


def measure(stand: Stand) -> dict[str, float]:
    """Find what the gateway can do, as one core's time over its CPU per request, then ask for shares of that."""
    capacity = 1e6 / stand.saturate()["cpu_us"]
    values: dict[str, float] = {}
    for name, share in SHARES.items():
        values |= stand.calmest(partial(_ask, stand, capacity * share, name))[0]
    return values


def _ask(stand: Stand, rate: float, name: int) -> dict[str, float]:
    with closing(OpenLoad(stand.site.port)) as load:
        seen = load.run(rate, stand.window.measured, SEED)
    if seen.late_ms > TOO_LATE_MS:
        raise BenchmarkError(f"the load came {seen.late_ms:.1f} ms late at {rate:,.0f} requests/s: machine too busy")
    return {f"p50_{name}": seen.p50_ms, f"p99_{name}": seen.p99_ms, f"rps_{name}": rate}


LATENCY = Scenario(
    name="latency",
    title="Latency at 50 % and 80 % load",
    explanation=(
        "GET as in plain, arriving at random at 50 % and 80 % of the rate that the gateway's own core can sustain; "
        "counted from the moment a request was due."
    ),
    measure=measure,
    columns=(
        Column("p50_50", "p50 at 50 %, ms", 2),
        Column("p99_50", "p99 at 50 %, ms", 2),
        Column("p50_80", "p50 at 80 %, ms", 2),
        Column("p99_80", "p99 at 80 %, ms", 2),
        Column("rps_50", "requests/s at 50 %"),
    ),
)
