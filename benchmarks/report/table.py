"""One scenario as rows: each peer's medians, its ratio to nginx and to Envoy, and whether the row is to be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.stats import Spread, by_round, column, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.model import Sample
    from benchmarks.scenarios.scenario import Scenario

YARDSTICKS = ("nginx", "Envoy")


@dataclass(frozen=True, slots=True)
class Row:
    """One peer: its medians by column key, its ratios by yardstick, and why it failed, if it did in any round."""

    peer: str
    values: dict[str, Spread]
    ratios: dict[str, Spread]
    failure: str


def rows(scenario: Scenario, samples: Sequence[Sample]) -> list[Row]:
    """A row for each peer that was measured, the cheapest first, failed ones last."""
    peers = dict.fromkeys(sample.peer for sample in samples if sample.scenario == scenario.name)
    made = [_row(scenario, samples, peer) for peer in peers]
    return sorted(made, key=lambda row: (bool(row.failure), _cost(scenario, row)))


def _cost(scenario: Scenario, row: Row) -> float:
    """What rows are ordered by: the ratio to nginx, or the plain number where nginx was not measured."""
    cost = row.ratios.get(YARDSTICKS[0]) or row.values.get(scenario.columns[0].key)
    return cost.middle if cost else 0.0


def _row(scenario: Scenario, samples: Sequence[Sample], peer: str) -> Row:
    first = scenario.columns[0].key
    values = {item.key: column(samples, scenario.name, peer, item.key) for item in scenario.columns}
    ours = by_round(samples, scenario.name, peer, first)
    ratios = {name: ratio(ours, by_round(samples, scenario.name, name, first)) for name in YARDSTICKS}
    failures = [
        sample.failure
        for sample in samples
        if sample.scenario == scenario.name and sample.peer == peer and sample.failure
    ]
    return Row(
        peer,
        {key: value for key, value in values.items() if value},
        {name: value for name, value in ratios.items() if value},
        failures[0] if failures else "",
    )


def cells(scenario: Scenario, made: Sequence[Row]) -> list[list[str]]:
    """The table as text, headings first; a failed row says so and gives no number: see `failures`."""
    heads = ["gateway", *(f"{name} = 1" for name in YARDSTICKS), *(item.heading for item in scenario.columns)]
    return [heads, *(_cells(scenario, row) for row in made)]


def _cells(scenario: Scenario, row: Row) -> list[str]:
    if row.failure:
        return [row.peer, "failed", *["–"] * len(scenario.columns), "–"]
    ratios = [_ratio(row.ratios.get(name)) for name in YARDSTICKS]
    values = [_value(row.values.get(item.key), item.digits) for item in scenario.columns]
    return [row.peer, *ratios, *values]


def _ratio(value: Spread | None) -> str:
    return f"{value.middle:.2f} ({value.low:.2f}–{value.high:.2f})" if value else "–"


def _value(value: Spread | None, digits: int) -> str:
    return f"{value.middle:,.{digits}f}" if value else "–"


def failures(made: Sequence[Row]) -> list[str]:
    """A line for each row that failed: which and why."""
    return [f"{row.peer} failed: {row.failure}" for row in made if row.failure]


def plain_text(table: Sequence[Sequence[str]]) -> str:
    """The table for a terminal: aligned columns, names to the left, numbers to the right."""
    widths = [max(len(row[index]) for row in table) for index in range(len(table[0]))]
    lines = ["  ".join(_pad(row, widths)).rstrip() for row in table]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _pad(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def markdown(table: Sequence[Sequence[str]]) -> str:
    """The table in GitHub's markdown."""
    heads, *body = table
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in [heads, rule, *body])
