from __future__ import annotations

from benchmarks.model import Sample
from benchmarks.stats import Spread, by_round, column, ratio, spread


def sample(peer: str, number: int, cpu: float, failure: str = "") -> Sample:
    return Sample("plain", peer, number, {} if failure else {"cpu_us": cpu}, failure)


SAMPLES = [
    sample("nginx", 1, 20.0),
    sample("Moongate", 1, 30.0),
    sample("nginx", 2, 40.0),
    sample("Moongate", 2, 48.0),
    sample("nginx", 3, 10.0),
    sample("Moongate", 3, 0.0, failure="it broke"),
]


def test_spread() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert spread([]) is None


def test_failed_rounds_do_not_count() -> None:
    assert by_round(SAMPLES, "plain", "Moongate", "cpu_us") == {1: 30.0, 2: 48.0}
    assert by_round(SAMPLES, "other", "Moongate", "cpu_us") == {}
    assert column(SAMPLES, "plain", "nginx", "cpu_us") == Spread(20.0, 10.0, 40.0)


def test_a_ratio_is_made_within_a_round() -> None:
    ours = by_round(SAMPLES, "plain", "Moongate", "cpu_us")
    theirs = by_round(SAMPLES, "plain", "nginx", "cpu_us")
    # 30/20 and 48/40, though the median of ours over the median of theirs would be 1.95
    assert ratio(ours, theirs) == Spread(1.35, 1.2, 1.5)


def test_a_ratio_to_nothing_or_to_zero_is_none() -> None:
    assert ratio({1: 5.0}, {}) is None
    assert ratio({1: 5.0}, {1: 0.0}) is None
    assert ratio({1: 5.0}, {2: 5.0}) is None
