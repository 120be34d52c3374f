"""Whether Moongate clears the bars of a scenario, with the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.peers.registry import OURS
from benchmarks.stats import by_round, ratio, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.model import Bar, Sample
    from benchmarks.scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bar and what was measured; `measured` is None where one side was not measured in this run."""

    text: str
    limit: float
    measured: float | None

    @property
    def is_cleared(self) -> bool:
        return self.measured is not None and self.measured <= self.limit

    def __str__(self) -> str:
        if self.measured is None:
            return f"not measured: {self.text} <= {self.limit:g}"
        return f"{'cleared' if self.is_cleared else 'MISSED'}: {self.text} = {self.measured:.2f}, bar {self.limit:g}"


def judge(scenario: Scenario, samples: Sequence[Sample]) -> list[Verdict]:
    """A verdict for each bar of the scenario, in the order it lists them."""
    return [_judge(scenario, bar, samples) for bar in scenario.bars]


def _judge(scenario: Scenario, bar: Bar, samples: Sequence[Sample]) -> Verdict:
    key = scenario.columns[0].key
    ours = by_round(samples, scenario.name, OURS, key)
    if bar.against is None:
        found = spread(ours.values())
        text = f"{scenario.name}: {scenario.columns[0].heading}"
    else:
        found = ratio(ours, by_round(samples, bar.scenario or scenario.name, bar.against, key))
        text = f"{scenario.name}: {OURS} / {bar.against}{f' ({bar.scenario})' if bar.scenario else ''}"
    return Verdict(text, bar.limit, found.middle if found else None)
