"""The demo client, in an accounts of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from run_system import demo
from run_system.plan import GATEWAY_TOKEN, TOOLS, Ports, script, system


def test_a_second_run_keeps_the_client_and_its_key(tmp_path: Path) -> None:
    _, migrate, prepare = system(Ports(), tmp_path).preparations
    assert prepare.command == (sys.executable, "-m", "run_system.demo", str(tmp_path))
    environment = {**os.environ, **prepare.environment}
    subprocess.run(migrate.command, env=environment, check=True)
    keys = []
    for _ in range(2):
        subprocess.run(prepare.command, env=environment, check=True)
        keys.append((tmp_path / "demo.key").read_text())
    assert keys[0] == keys[1]
    assert keys[0].startswith("mg_")
    for secret in ("demo.key", GATEWAY_TOKEN):
        assert (tmp_path / secret).stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(
        (script("accounts"), "client", "list", "--json"), env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    assert [client["name"] for client in json.loads(listed.stdout)] == [demo.CLIENT]
    assert TOOLS.is_dir()
