"""Cases under pytest, in a process of its own as a user would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CASES = """\
cases:
  - {request: GET /api/cars/7, expect: {route: car}}
  - {name: the shop, request: GET http://shop.example/, expect: {route: site}}
"""


def run_pytest(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "moongate.cli.pytest_plugin", "-v"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False, timeout=60, env=environment
    )
    return done.returncode, done.stdout


def test_each_case_is_an_item(config: Path) -> None:
    Path("gateway_test.yaml").write_text(CASES)
    status, out = run_pytest()
    assert status == 1
    assert "gateway_test.yaml::GET /api/cars/7 PASSED" in out
    assert "gateway_test.yaml::the shop FAILED" in out
    assert "gateway_test.yaml:3:73: the shop: expected route 'site', but it ends in route shop, service web" in out
    assert "Traceback" not in out
    status, out = run_pytest("-k", "api")
    assert (status, "1 passed" in out) == (0, True)


def test_a_wrong_file_is_an_error_of_the_collection(config: Path) -> None:
    Path("gateway_test.yaml").write_text("cases: []\n")
    status, out = run_pytest()
    assert status == 2
    assert "gateway_test.yaml:1:8: `cases` is empty: at least one is needed" in out
    assert "Traceback" not in out


def test_files_of_other_tools_are_left_alone(config: Path) -> None:
    Path("tavern_test.yaml").write_text("test_name: another tool's\nstages: []\n")
    status, _ = run_pytest()
    assert status == 5
