from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from benchmarks.model import Sample
from benchmarks.report.chart import CUT, svg
from benchmarks.report.page import Circumstances, disturbance, page, readme_block, replace_block
from benchmarks.report.save import save, update_readme
from benchmarks.report.table import rows
from benchmarks.scenarios.plain import PLAIN

if TYPE_CHECKING:
    from pathlib import Path

AROUND = Circumstances("2026-11-23", "some CPU, 2 cores", {"nginx": "1.22.1"}, rounds=5, seconds=3)
VALUES = {"rps": 40000.0, "p50_ms": 1.5, "p99_ms": 2.25, "memory_mib": 14.6}
COSTS = {"nginx": 20.0, "Moongate": 28.0, "Flask <& requests>": 20.0 * CUT * 3}
SAMPLES = [Sample("plain", peer, 1, {"cpu_us": cost, **VALUES}) for peer, cost in COSTS.items()]


def test_the_page_says_what_when_where_and_how() -> None:
    text = page(PLAIN, SAMPLES, AROUND)
    for part in ("2026-11-23", "some CPU, 2 cores", "nginx 1.22.1", "make bench SCENARIO=plain ROUNDS=5", "plain.svg"):
        assert part in text
    assert "- MISSED: plain: Moongate / nginx = 1.40, bar 1.35" in text


def test_the_chart_is_well_formed_and_longer_means_dearer() -> None:
    root = ET.fromstring(svg("Plain & simple", "µs", rows(PLAIN, SAMPLES)))
    bars = [float(item.attrib["width"]) for item in root if item.get("rx")]
    assert len(bars) == 3
    assert bars == sorted(bars)
    assert "36.00" in [item.text for item in root]  # the bar is cut, its number is not


def test_a_busy_machine_is_confessed() -> None:
    calm = [Sample("plain", "nginx", 1, {"cpu_us": 1.0, "strangers": 0.04})]
    assert disturbance(calm) == ""
    assert "30%" in disturbance([Sample("plain", "nginx", 1, {"cpu_us": 1.0, "strangers": 0.3})])


def test_a_chart_of_nothing() -> None:
    assert "</svg>" in svg("Plain", "µs", rows(PLAIN, [Sample("plain", "nginx", 1, failure="it broke")]))


def test_the_block_between_the_markers_is_replaced() -> None:
    readme = "# A\n<!-- bench:plain -->\nold\n<!-- /bench -->\n<!-- bench:tls -->\nkept\n<!-- /bench -->\n"
    block = readme_block(PLAIN, SAMPLES, AROUND)
    new = replace_block(readme, "plain", block)
    assert "old" not in new
    assert "kept" in new
    assert block in new
    assert replace_block(new, "plain", block) == new


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="bench:plain"):
        replace_block("# A\n", "plain", "x")


def test_only_tables_that_the_readme_shows_are_refreshed(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("# A\n<!-- bench:tls -->\nold\n<!-- /bench -->\n")
    assert not update_readme(PLAIN, SAMPLES, AROUND, readme)
    assert "old" in readme.read_text()
    readme.write_text("# A\n<!-- bench:plain -->\nold\n<!-- /bench -->\n")
    assert update_readme(PLAIN, SAMPLES, AROUND, readme)
    assert "old" not in readme.read_text()


def test_saved_files(tmp_path: Path) -> None:
    paths = save(PLAIN, [*SAMPLES, Sample("other", "nginx", 1)], AROUND, tmp_path)
    assert [path.name for path in paths] == ["plain.md", "plain.svg", "plain.json"]
    kept = json.loads((tmp_path / "plain.json").read_text())
    assert kept["rounds"] == 5
    assert [item["peer"] for item in kept["samples"]] == list(COSTS)
