"""`accounts admin`, on both engines."""

import io

import pytest

from accounts.bootstrap.wiring import Services
from accounts.service import admins
from accounts_harness.commands import Run, RunJson


def test_an_admin_from_beginning_to_end(
    services: Services, run: Run, run_json: RunJson, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run_json("admin", "create", "eve")
    assert made["has_password"] is False
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert run_json("admin", "password", "eve")["has_password"] is True
    found = services.store.read(lambda tx: tx.admins.by_name("eve"))
    assert admins.is_password_of(found, "correct horse battery", services.passwords)
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert "password must be" in run("admin", "password", "eve", status=1)
    text = run_json("admin", "token", "eve", "--name", "ci", "--expires", "1h")["token"]
    held, now = services.peppers.all(), services.clock()
    assert services.store.read(lambda tx: admins.authenticate(tx, text, held, now))[0].name == "eve"
    assert "shown once: mga_" in run("admin", "token", "eve")
    assert "eve" in run("admin", "list")
    assert run_json("admin", "remove", "eve")["name"] == "eve"
    assert "is the only admin" in run("admin", "remove", "admin", status=1)
