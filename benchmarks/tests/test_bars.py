from __future__ import annotations

from dataclasses import replace

from benchmarks.bars import judge
from benchmarks.model import Bar, Sample
from benchmarks.scenarios.plain import PLAIN as SHIPPED

PLAIN = replace(SHIPPED, bars=(Bar(1.5, "nginx"), Bar(0.6, "Envoy")))


def samples(ours: float, nginx: float, envoy: float) -> list[Sample]:
    costs = {"Moongate": ours, "nginx": nginx, "Envoy": envoy}
    return [Sample("plain", peer, 1, {"cpu_us": cost}) for peer, cost in costs.items()]


def test_cleared() -> None:
    verdicts = judge(PLAIN, samples(30, 20, 60))
    assert [verdict.is_cleared for verdict in verdicts] == [True, True]
    assert str(verdicts[0]) == "cleared: plain: Moongate / nginx = 1.50, bar 1.5"


def test_missed() -> None:
    verdicts = judge(PLAIN, samples(37, 20, 60))
    assert [verdict.is_cleared for verdict in verdicts] == [False, False]
    assert str(verdicts[1]) == "MISSED: plain: Moongate / Envoy = 0.62, bar 0.6"


def test_a_bar_that_could_not_be_measured_is_not_cleared() -> None:
    verdicts = judge(PLAIN, samples(30, 20, 60)[:2])
    assert [verdict.is_cleared for verdict in verdicts] == [True, False]
    assert str(verdicts[1]) == "not measured: plain: Moongate / Envoy <= 0.6"


def test_a_bar_against_another_scenario() -> None:
    many = replace(PLAIN, name="many", bars=(Bar(1.1, against="Moongate", scenario="plain"),))
    seen = [*samples(30, 20, 60), Sample("many", "Moongate", 1, {"cpu_us": 36.0})]
    (verdict,) = judge(many, seen)
    assert str(verdict) == "MISSED: many: Moongate / Moongate (plain) = 1.20, bar 1.1"


def test_an_absolute_bar() -> None:
    idle = replace(PLAIN, bars=(Bar(40.0),))
    (verdict,) = judge(idle, samples(30, 20, 60))
    assert verdict.is_cleared
    assert str(verdict) == "cleared: plain: CPU per request, µs = 30.00, bar 40"
