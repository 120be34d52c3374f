"""What is refused when there is too much: by how late the loop is, by how many exchanges run, lowest priority first."""

from __future__ import annotations

import pytest

from moongate.core import limits
from moongate.core.plans import Priority
from moongate.proxy.overload import Overload

SERVED = {"low": Priority.LOW, "normal": Priority.NORMAL, "high": Priority.HIGH}


def served(overload: Overload) -> list[str]:
    """The priorities that are served, as the engine decides it."""
    return [name for name, priority in SERVED.items() if not priority < overload.floor]


def late(overload: Overload, seconds: float) -> None:
    """The loop stays as late as it takes to be believed."""
    for _ in range(limits.LAG_TICKS):
        overload.ticked(seconds)


def begin(overload: Overload) -> None:
    """What an exchange does when it is forwarded."""
    overload.in_flight += 1
    if overload.in_flight >= overload.soft_cap:
        overload.judge()


def end(overload: Overload) -> None:
    """What it does when it ends."""
    overload.in_flight -= 1
    if overload.floor:
        overload.judge()


def fill(overload: Overload, count: int) -> None:
    for _ in range(count):
        begin(overload)


@pytest.mark.parametrize(
    ("running", "names"),
    [
        (0, ["low", "normal", "high"]),
        (79, ["low", "normal", "high"]),
        (80, ["normal", "high"]),
        (99, ["normal", "high"]),
        (100, ["high"]),
        (124, ["high"]),
        (125, []),
    ],
)
def test_what_runs_decides_who_else_is_served(running: int, names: list[str]) -> None:
    overload = Overload(100)
    fill(overload, running)
    assert served(overload) == names


def test_everybody_is_served_again_as_exchanges_end() -> None:
    overload = Overload(100)
    fill(overload, 130)
    seen: list[list[str]] = []
    for _ in range(130):
        end(overload)
        if not seen or seen[-1] != served(overload):
            seen.append(served(overload))
    assert seen == [[], ["high"], ["normal", "high"], ["low", "normal", "high"]]
    assert overload.in_flight == 0


def test_a_cap_of_one_serves_one_at_a_time() -> None:
    overload = Overload(1)
    assert served(overload) == ["low", "normal", "high"]
    begin(overload)
    assert served(overload) == ["high"], "a quarter more is kept for health and admin: of one, one"
    begin(overload)
    assert served(overload) == []
    end(overload)
    end(overload)
    assert served(overload) == ["low", "normal", "high"]


@pytest.mark.parametrize(
    ("lateness", "names"),
    [
        (0.0, ["low", "normal", "high"]),
        (0.0999, ["low", "normal", "high"]),
        (0.1, ["normal", "high"]),
        (0.2999, ["normal", "high"]),
        (0.3, ["high"]),
        (60.0, ["high"]),
    ],
)
def test_how_late_the_loop_is_decides_too(lateness: float, names: list[str]) -> None:
    """High priority is served however late: who asks for health must learn that the process lives."""
    overload = Overload()
    fill(overload, limits.LAG_IN_FLIGHT)
    late(overload, lateness)
    assert served(overload) == names


def test_a_pause_of_the_machine_refuses_nobody() -> None:
    overload = Overload()
    fill(overload, limits.LAG_IN_FLIGHT)
    for _ in range(10):
        for _ in range(limits.LAG_TICKS - 1):
            overload.ticked(5.0)
        overload.ticked(0.0)
        assert served(overload) == ["low", "normal", "high"]


def test_few_exchanges_on_a_slow_machine_are_no_overload() -> None:
    """Sixty-four connections on a starved core once had 2,889 of 4,901 requests refused."""
    overload = Overload()
    fill(overload, 64)
    late(overload, 1.0)
    assert served(overload) == ["low", "normal", "high"]


def test_it_is_lifted_only_once_the_loop_is_well_in_time() -> None:
    overload = Overload()
    fill(overload, limits.LAG_IN_FLIGHT)
    late(overload, 0.4)
    overload.ticked(0.2)
    assert served(overload) == ["high"]
    overload.ticked(0.06)
    assert served(overload) == ["high"]
    overload.ticked(0.04)
    assert served(overload) == ["low", "normal", "high"]


def test_the_worse_of_both_signs_counts() -> None:
    overload = Overload(1000)
    fill(overload, 500)
    late(overload, 0.15)
    fill(overload, 500)
    assert served(overload) == ["high"]
    for _ in range(500):
        end(overload)
    assert served(overload) == ["normal", "high"]
    overload.ticked(0)
    assert served(overload) == ["low", "normal", "high"]
