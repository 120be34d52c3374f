"""Medians, spreads and ratios. A ratio is made inside one round, where both sides met the same weather."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.model import Sample


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the smallest and largest of the rounds it comes from."""

    middle: float
    low: float
    high: float


def spread(values: Iterable[float]) -> Spread | None:
    """The spread of some values; None of none."""
    ordered = sorted(values)
    return Spread(median(ordered), ordered[0], ordered[-1]) if ordered else None


def by_round(samples: Sequence[Sample], scenario: str, peer: str, key: str) -> dict[int, float]:
    """Round -> value, of the samples that did not fail."""
    return {
        sample.round: sample.values[key]
        for sample in samples
        if sample.scenario == scenario and sample.peer == peer and not sample.failure and key in sample.values
    }


def column(samples: Sequence[Sample], scenario: str, peer: str, key: str) -> Spread | None:
    """One quantity of one peer over all rounds."""
    return spread(by_round(samples, scenario, peer, key).values())


def ratio(ours: dict[int, float], theirs: dict[int, float]) -> Spread | None:
    """Ours over theirs, round by round; rounds that either side lacks (or where theirs is 0) do not count."""
    return spread(value / theirs[number] for number, value in ours.items() if theirs.get(number))
