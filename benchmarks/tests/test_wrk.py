from __future__ import annotations

import pytest

from benchmarks import wrk
from benchmarks.model import BenchmarkError

REPORT = (
    "Running 3s test @ http://127.0.0.1:1/\n  1 threads and 64 connections\n\n"
    '{"requests":90000,"microseconds":3000000,"p50_us":1250,"p99_us":2500,'
    '"connect":1,"read":2,"write":3,"status":4,"timeout":5}\n'
)


def test_parse() -> None:
    assert wrk.parse(REPORT) == wrk.Result(requests=90000, seconds=3.0, p50_ms=1.25, p99_ms=2.5, failed=15)


def test_seven_header_fields_with_host() -> None:
    assert len(wrk.headers()) == 6


def test_what_wrk_said_is_passed_on() -> None:
    with pytest.raises(BenchmarkError, match="unable to connect"):
        wrk.parse("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_no_answers_are_no_measurement() -> None:
    with pytest.raises(BenchmarkError, match="no request"):
        wrk.parse(REPORT.replace("90000", "0"))
