"""`accounts bootstrap`, on both engines."""

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from accounts.bootstrap.wiring import Services
from accounts.service import admins, gateways
from accounts_harness.commands import Run


def test_it_prints_a_token_once_and_keeps_the_credential_of_a_gateway(bare: Services, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "gateway.token"
    said = json.loads(run("bootstrap", "--gateway-file", str(file), "--json"))
    assert (said["bootstrapped"], said["gateway_file"]) == (True, str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    peppers, now = bare.peppers.all(), bare.clock()
    admin, _ = bare.store.read(lambda tx: admins.authenticate(tx, said["admin_token"], peppers, now))
    assert admin.name == "admin"
    text = file.read_text().strip()
    assert bare.store.read(lambda tx: gateways.authenticate(tx, text, peppers)).name == "gateway"
    again = tmp_path / "again"
    assert "was bootstrapped before" in run("bootstrap", "--gateway-file", str(again), status=1)
    assert json.loads(run("bootstrap", "--if-needed", "--json")) == {"bootstrapped": False}
    assert not again.exists()
    assert list(bare.verify()) == []


def test_a_file_that_is_there_is_not_overwritten(bare: Services, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "gateway.token"
    file.write_text("mine")
    assert "File exists" in run("bootstrap", "--gateway-file", str(file), status=1)
    assert file.read_text() == "mine"
    assert bare.store.read(lambda tx: list(tx.admins.all())) == []


def test_people_are_told_in_sentences(run: Run, tmp_path: Path) -> None:
    said = run("bootstrap", "--gateway-file", str(tmp_path / "gateway.token"))
    assert "admin token, shown once: mga_" in said


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_one_that_was_killed_is_in_nobodys_way(bare: Services, run: Run, tmp_path: Path) -> None:
    where = tmp_path / "of the gateway"
    where.mkdir()
    arguments = ("bootstrap", "--gateway-file", str(where / "gateway.token"))
    other = sqlite3.connect(bare.settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with subprocess.Popen((sys.executable, "-m", "accounts", *arguments)) as process:
        while process.poll() is None and not list(where.iterdir()):
            time.sleep(0.01)
        process.kill()
    other.close()
    assert "shown once: mga_" in run(*arguments)
    text = (where / "gateway.token").read_text().strip()
    peppers = bare.peppers.all()
    assert bare.store.read(lambda tx: gateways.authenticate(tx, text, peppers)).name == "gateway"
