"""Bodies of three sizes, down (the origin answers with them) and up (it reads them whole before it answers)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.model import Bar, Needs
from benchmarks.origin import SIZES
from benchmarks.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from benchmarks.stand import Stand

CONNECTIONS = {2**20: 8}
"""Fewer for the largest: 64 MiB in flight would measure the cache of the machine. 64 for the others."""


def _down(label: str, size: int) -> Scenario:
    connections = CONNECTIONS.get(size, 64)

    def measure(stand: Stand) -> dict[str, float]:
        return stand.saturate(f"/bytes/{size}", connections=connections)

    return Scenario(
        name=f"down-{label.replace(' ', '').lower()}",
        title=f"{label} down",
        explanation=f"GET of {label} of random bytes, {connections} keep-alive connections.",
        measure=measure,
        bars=_bars(size),
    )


def _up(label: str, size: int) -> Scenario:
    connections = CONNECTIONS.get(size, 64)

    def measure(stand: Stand) -> dict[str, float]:
        return stand.saturate(body=stand.file(size), connections=connections)

    return Scenario(
        name=f"up-{label.replace(' ', '').lower()}",
        title=f"{label} up",
        explanation=f"POST of {label} of random bytes, {connections} keep-alive connections; the origin reads it all.",
        measure=measure,
        needs=Needs(reads_bodies=True),
        bars=_bars(size),
    )


def _bars(size: int) -> tuple[Bar, ...]:
    return (Bar(1.2, against="Envoy"),) if size == 2**20 else ()


BODIES = tuple(make(label, size) for make in (_down, _up) for label, size in SIZES.items())
