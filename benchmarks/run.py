"""The rounds: every scenario and peer once a round, in shuffled order, so that a change of weather hits all alike."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.model import BenchmarkError, Sample
from benchmarks.stand import Window, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.machine import Cores
    from benchmarks.peers.peer import Peer
    from benchmarks.scenarios.scenario import Scenario

SEED = 20261123
"""Fixed, so that two runs visit the gateways in the same order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, how often, and how long each time."""

    scenarios: Sequence[Scenario]
    peers: Sequence[Peer]
    rounds: int
    window: Window
    cores: Cores

    def order(self, number: int) -> list[tuple[Scenario, Peer]]:
        """The windows of one round (from 1), shuffled by a seed of its own."""
        windows = [
            (scenario, peer)
            for scenario in self.scenarios
            for peer in self.peers
            if peer.can(scenario.needs) and peer.name not in scenario.without
        ]
        random.Random(SEED + number).shuffle(windows)
        return windows


def run(plan: Plan, announce: Callable[[int, int, str], None]) -> list[Sample]:
    """Measure it all; `announce(done, total, what)` is called before each window and once more at the end.

    A peer that fails is a sample with the reason; it does not stop the others.
    """
    orders = [(number, window) for number in range(1, plan.rounds + 1) for window in plan.order(number)]
    samples: list[Sample] = []
    note = ""
    for done, (number, (scenario, peer)) in enumerate(orders):
        announce(done, len(orders), f"round {number} of {plan.rounds}: {scenario.name}, {peer.name}{note}")
        sample = _measure(plan, scenario, peer, number)
        note = f"   (last: {_sum_up(scenario, sample)})"
        samples.append(sample)
    announce(len(orders), len(orders), f"done{note}")
    return samples


def _measure(plan: Plan, scenario: Scenario, peer: Peer, number: int) -> Sample:
    try:
        with standing(peer, scenario.needs, plan.window, plan.cores) as stand:
            return Sample(scenario.name, peer.name, number, values=scenario.measure(stand))
    except (BenchmarkError, OSError) as error:
        return Sample(scenario.name, peer.name, number, failure=str(error))


def _sum_up(scenario: Scenario, sample: Sample) -> str:
    first = scenario.columns[0]
    if sample.failure:
        return f"{sample.peer} failed"
    return f"{sample.peer} {sample.values[first.key]:.{first.digits}f}"
