"""The published description against the running service: every check that schemathesis has, on both engines."""

import subprocess
import sys
from pathlib import Path

import pytest

from invsys_harness import ServedInvsys

CONFIG = Path(__file__).parent / "schemathesis.toml"
EXAMPLES = 20


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_service_is_what_it_says_it_is(served: ServedInvsys, tmp_path: Path) -> None:
    assert served.command("seed", "--resources", "6", "--allocations", "20").returncode == 0
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)]
    command += ["run", f"{served.base_url}/openapi.json", "--checks", "all", "--max-examples", str(EXAMPLES)]
    command += ["--seed", "1", "--no-color", "--phases", "examples,coverage,fuzzing,stateful"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=840, check=False)
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr
    assert '"status": 500' not in served.log.read_text()
    assert served.command("verify").stdout == "no violation\n"
