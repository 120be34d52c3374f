from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import procfs
from benchmarks.model import BenchmarkError
from benchmarks.processes import must_live, started

if TYPE_CHECKING:
    from pathlib import Path

CORE = min(os.sched_getaffinity(0))


def test_the_whole_session_ends_even_when_the_block_fails(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        started(["sh", "-c", "sleep 60 & sleep 60"], CORE, tmp_path, "log") as process,
    ):
        raise KeyboardInterrupt
    assert all(stat.has_ended for stat in procfs.session_stats(process.pid))


def test_it_runs_on_its_core(tmp_path: Path) -> None:
    code = "import os; print(os.sched_getaffinity(0))"
    with started([sys.executable, "-c", code], CORE, tmp_path, "log") as process:
        process.wait(30)
    assert (tmp_path / "log").read_text() == f"{{{CORE}}}\n"


def test_one_that_ended_is_an_error_with_its_last_words_and_no_paths(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo /some/where/gateway.cfg:3: unknown keyword; exit 7"]
    with started(command, CORE, tmp_path, "log") as process:
        process.wait(30)
        with pytest.raises(BenchmarkError, match=r"status 7: gateway\.cfg:3: unknown keyword"):
            must_live(process, tmp_path, "log")
