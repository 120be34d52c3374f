"""Write a run into `benchmarks/results/`, and read it back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.processes import ROOT
from benchmarks.report.chart import svg
from benchmarks.report.page import Circumstances, has_block, page, readme_block, replace_block
from benchmarks.report.table import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.model import Sample
    from benchmarks.scenarios.scenario import Scenario

RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"


def save(scenario: Scenario, samples: Sequence[Sample], around: Circumstances, folder: Path = RESULTS) -> list[Path]:
    """Write NAME.md, NAME.svg and NAME.json; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    subtitle = f"{scenario.columns[0].heading}, relative to nginx · {around.date}"
    mine = [asdict(sample) for sample in samples if sample.scenario == scenario.name]
    texts = {
        "md": page(scenario, samples, around),
        "svg": svg(scenario.title, subtitle, rows(scenario, samples)),
        "json": json.dumps({**asdict(around), "samples": mine}, indent=1, ensure_ascii=False) + "\n",
    }
    paths = [folder / f"{scenario.name}.{ending}" for ending in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def update_readme(scenario: Scenario, samples: Sequence[Sample], around: Circumstances, readme: Path = README) -> bool:
    """Refresh the scenario's table in the README; whether it has one."""
    text = readme.read_text(encoding="utf-8")
    if not has_block(text, scenario.name):
        return False
    readme.write_text(replace_block(text, scenario.name, readme_block(scenario, samples, around)), encoding="utf-8")
    return True
