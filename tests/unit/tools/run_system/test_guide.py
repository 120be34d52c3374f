"""The lines are run by a real shell, with a stand-in curl that prints what invsys would answer."""

import shutil
import subprocess
from pathlib import Path

import pytest

from run_system.guide import guide

CURL = """#!/bin/sh
printf 'HTTP/1.1 201 Created\\r\\nlocation: /api/cars/c-7\\r\\n\\r\\n{"name": "car-1", "id": "c-7", "kind": "car"}\\n'
for word; do printf '%s\\n' "$word"; done >>"$(dirname "$0")/said"
"""


@pytest.mark.parametrize("shell", [name for name in ("sh", "dash", "bash", "zsh") if shutil.which(name)])
def test_the_id_of_the_new_car_goes_into_the_later_lines(shell: str, tmp_path: Path) -> None:
    curl = tmp_path / "curl"
    curl.write_text(CURL)
    curl.chmod(0o755)
    lines = guide("http://127.0.0.1:9000", "car-1", "mg_test_1")
    ran = subprocess.run(
        [shell], input=lines, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count("201 Created") == 6  # each answer is shown, the captured one too
    urls = [word for word in (tmp_path / "said").read_text().splitlines() if word.startswith("http")]
    assert urls == [
        "http://127.0.0.1:9000/api/cars",
        "http://127.0.0.1:9000/api/cars",
        "http://127.0.0.1:9000/api/cars",
        "http://127.0.0.1:9000/api/cars/c-7/allocations",
        "http://127.0.0.1:9000/api/cars/c-7/allocations",
        "http://127.0.0.1:9000/api/lorries",
    ]
    assert (tmp_path / "said").read_text().splitlines().count("X-API-Key: mg_test_1") == 5
