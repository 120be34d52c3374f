from __future__ import annotations

from benchmarks.model import Sample
from benchmarks.report.table import cells, failures, markdown, plain_text, rows
from benchmarks.scenarios.plain import PLAIN

VALUES = {"rps": 40000.0, "p50_ms": 1.5, "p99_ms": 2.25, "memory_mib": 14.6}
SAMPLES = [
    Sample("plain", "Envoy", 1, {"cpu_us": 60.0, **VALUES}),
    Sample("plain", "Caddy", 1, failure="3 of 9 requests | failed"),
    Sample("plain", "nginx", 1, {"cpu_us": 20.0, **VALUES}),
    Sample("plain", "nginx", 2, {"cpu_us": 30.0, **VALUES}),
    Sample("plain", "Envoy", 2, {"cpu_us": 66.0, **VALUES}),
    Sample("other", "Traefik", 1, {"cpu_us": 1.0, **VALUES}),
]


def test_cheapest_first_failed_last() -> None:
    assert [row.peer for row in rows(PLAIN, SAMPLES)] == ["nginx", "Envoy", "Caddy"]


def test_cells() -> None:
    heads, nginx, envoy, caddy = cells(PLAIN, rows(PLAIN, SAMPLES))
    assert heads[:4] == ["gateway", "nginx = 1", "Envoy = 1", "CPU per request, µs"]
    assert nginx[:5] == ["nginx", "1.00 (1.00–1.00)", "0.39 (0.33–0.45)", "25.0", "40,000"]
    assert envoy[1] == "2.60 (2.20–3.00)"
    assert caddy == ["Caddy", "failed", "–", "–", "–", "–", "–", "–"]


def test_a_row_that_failed_in_one_round_is_failed() -> None:
    mixed = [*SAMPLES, Sample("plain", "nginx", 3, failure="not ready within 60 s")]
    made = rows(PLAIN, mixed)
    assert failures(made) == ["Caddy failed: 3 of 9 requests | failed", "nginx failed: not ready within 60 s"]


def test_plain_text_is_aligned() -> None:
    text = plain_text([["gateway", "a"], ["x", "1,000"], ["longer name", "1"]])
    assert text.splitlines() == ["gateway          a", "------------------", "x            1,000", "longer name      1"]


def test_markdown() -> None:
    text = markdown([["gateway", "a|b"], ["x", "1"]])
    assert text.splitlines() == ["| gateway | a/b |", "| --- | ---: |", "| x | 1 |"]
