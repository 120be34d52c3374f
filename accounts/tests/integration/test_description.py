"""The published description against the running service: every check that schemathesis has, on both engines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from accounts_harness.served import ServedAccounts

CONFIG = Path(__file__).parent / "schemathesis.toml"
EXAMPLES = int(os.environ.get("ACCOUNTS_EXAMPLES", "8"))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_service_is_what_it_says_it_is(database_url: str, tmp_path: Path) -> None:
    with ServedAccounts(database_url) as served:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)]
        command += ["run", f"{served.base_url}/openapi.json", "--checks", "all", "--max-examples", str(EXAMPLES)]
        # Closed clients and revoked keys are shown for what they are, until they are forgotten.
        command += ["--exclude-checks", "use_after_free"]
        command += ["--seed", "1", "--no-color", "--phases", "examples,coverage,fuzzing,stateful"]
        command += ["-H", f"Authorization: Bearer {served.admin_token}"]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=840, check=False)
        assert ran.returncode == 0, ran.stdout[-12000:] + ran.stderr
        assert '"status": 500' not in served.log.read_text()
        assert served.command("verify").stdout == "no violation\n"
