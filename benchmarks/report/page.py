"""The page of one scenario: what, when, where, the table, the bars, how to run it again."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.bars import judge
from benchmarks.report.table import cells, failures, markdown, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.model import Sample
    from benchmarks.scenarios.scenario import Scenario

DISTURBED = 0.10
LEGEND = (
    "The first two columns are ratios of “{first}” to nginx and to Envoy, made round by round: the median, with the "
    "smallest and largest round in parentheses. The other columns are medians."
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a number is worth nothing without."""

    date: str
    machine: str
    versions: dict[str, str]
    rounds: int
    seconds: float


def page(scenario: Scenario, samples: Sequence[Sample], around: Circumstances) -> str:
    """The markdown page `results/NAME.md`; the picture is beside it."""
    verdicts = [f"- {verdict}" for verdict in judge(scenario, samples)]
    parts = [
        f"# {scenario.title}",
        scenario.explanation,
        f"![{scenario.title}]({scenario.name}.svg)",
        short_table(scenario, samples),
        LEGEND.format(first=scenario.columns[0].heading),
        *filter(None, [disturbance(samples)]),
        *(["\n".join(["Bars:", "", *verdicts])] if verdicts else []),
        _when_and_where(scenario, around),
    ]
    return "\n\n".join(parts) + "\n"


def disturbance(samples: Sequence[Sample]) -> str:
    """A warning where processes that have no part in the measurement used the cores; empty on a calm machine."""
    shares = [sample.values["strangers"] for sample in samples if "strangers" in sample.values]
    share = median(shares) if shares else 0.0
    if share < DISTURBED:
        return ""
    return (
        f"The machine was not calm: other work used {share:.0%} of the cores in the median window, so take these "
        "numbers with care."
    )


def _when_and_where(scenario: Scenario, around: Circumstances) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in around.versions.items())
    rounds = f"{around.rounds} rounds of {around.seconds:g} s for each gateway, interleaved in shuffled order"
    again = f"`make bench SCENARIO={scenario.name} ROUNDS={around.rounds}`"
    return (
        f"Measured {around.date} on {around.machine}; {rounds}. {versions}.\n\n"
        f"Again: {again}. How it is measured: [benchmarks/README.md](../README.md)."
    )


def short_table(scenario: Scenario, samples: Sequence[Sample]) -> str:
    """The table and, under it, why a row failed."""
    made = rows(scenario, samples)
    return "\n\n".join([markdown(cells(scenario, made)), *failures(made)])


def readme_block(scenario: Scenario, samples: Sequence[Sample], around: Circumstances) -> str:
    """The table and one line on its origin, for the README."""
    again = f"`make bench SCENARIO={scenario.name}`"
    return f"{short_table(scenario, samples)}\n\nMeasured {around.date} on {around.machine}. Run it again: {again}.\n"


def has_block(readme: str, name: str) -> bool:
    """Whether there are markers of a scenario."""
    return _begin(name) in readme


def replace_block(readme: str, name: str, block: str) -> str:
    """Put `block` between the markers of a scenario; raises ValueError where the README has no such markers."""
    begin, end = _begin(name), "<!-- /bench -->"
    start = readme.find(begin)
    stop = readme.find(end, start)
    if start < 0 or stop < 0:
        raise ValueError(f"no {begin} ... {end} in it")
    return f"{readme[: start + len(begin)]}\n{block}{readme[stop:]}"


def _begin(name: str) -> str:
    return f"<!-- bench:{name} -->"
