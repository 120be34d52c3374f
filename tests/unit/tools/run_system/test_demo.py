"""The demo client, in an accounts of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from run_system import demo
from run_system.plan import ADMIN_TOKEN, DEMO_KEY, GATEWAY_TOKEN, TOOLS, Ports, script, system


def test_a_second_run_keeps_the_client_and_its_key(tmp_path: Path) -> None:
    _, migrate, prepare = system(Ports(), tmp_path).preparations
    assert prepare.command == (sys.executable, "-m", "run_system.demo", str(tmp_path))
    environment = {**os.environ, **prepare.environment}
    subprocess.run(migrate.command, env=environment, check=True)
    keys = []
    for _ in range(2):
        subprocess.run(prepare.command, env=environment, check=True)
        keys.append((tmp_path / DEMO_KEY).read_text())
    assert keys[0] == keys[1]
    assert keys[0].startswith("mg_")
    for secret in (ADMIN_TOKEN, DEMO_KEY, GATEWAY_TOKEN):
        assert (tmp_path / secret).stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(
        (script("accounts"), "client", "list", "--json"), env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    assert [client["name"] for client in json.loads(listed.stdout)] == [demo.CLIENT]
    assert TOOLS.is_dir()


def test_an_accounts_without_the_admin_s_token_at_hand_is_given_another(tmp_path: Path) -> None:
    _, migrate, prepare = system(Ports(), tmp_path).preparations
    environment = {**os.environ, **prepare.environment}
    tokens = set()
    subprocess.run(migrate.command, env=environment, check=True)
    for _ in range(2):
        subprocess.run(prepare.command, env=environment, check=True)
        tokens.add((tmp_path / ADMIN_TOKEN).read_text())
        (tmp_path / ADMIN_TOKEN).unlink()
    assert len(tokens) == 2
    assert all(token.startswith("mga_") for token in tokens)
