"""The shape of a scenario, and the columns that most of them print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.model import Bar, Column, Needs

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.stand import Stand

CPU = Column("cpu_us", "CPU per request, µs", 1)
RPS = Column("rps", "requests/s on one core")
P50 = Column("p50_ms", "p50, ms", 2)
P99 = Column("p99_ms", "p99, ms", 2)
MEMORY = Column("memory_mib", "memory, MiB")
SATURATED = (CPU, RPS, P50, P99, MEMORY)
"""What `Stand.saturate` gives."""


PLAIN_NEEDS = Needs()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One table. Ratios are made of the first column, smaller is better."""

    name: str
    title: str
    explanation: str
    measure: Callable[[Stand], dict[str, float]]
    """Returns a value for each column's key; raises BenchmarkError when what it saw cannot be used."""
    needs: Needs = PLAIN_NEEDS
    columns: tuple[Column, ...] = SATURATED
    bars: tuple[Bar, ...] = ()
    without: frozenset[str] = frozenset()
    """Peers that are left out, because they would take minutes and teach nothing."""
