"""`accounts can` and `accounts who-can`, on both engines."""

import json

import pytest

from accounts.bootstrap.wiring import Services
from accounts.cli.main import main
from accounts_harness.commands import Run, RunJson
from accounts_harness.making import make_client, make_grant


def test_a_decision_in_words(
    services: Services, run: Run, run_json: RunJson, capsys: pytest.CaptureFixture[str]
) -> None:
    acme = make_client(services)
    make_client(services, "Other")
    make_grant(services, acme, "a/*", "read")
    assert run("can", "Acme", "read", "a/b") == "yes, by its own grant: allow read a/*\n"
    assert main(["can", "Other", "read", "a/b"]) == 1
    assert capsys.readouterr().out == "no: nothing grants it\n"
    assert main(["can", "Other", "read", "a/b", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "nothing_granted"
    assert [row["client_name"] for row in run_json("who-can", "read", "a/b")] == ["Acme"]
    assert "Acme" in run("who-can", "read", "a/b")
    assert "resource has a segment 1" in run("can", "Acme", "read", "/a", status=1)
