"""`accounts secret`."""

import pytest

from accounts_harness.commands import Run, RunJson

pytestmark = pytest.mark.usefixtures("services")


def test_secrets_come_and_go(run: Run, run_json: RunJson) -> None:
    run("client", "create", "Acme")
    made = run_json("secret", "create", "Acme", "--expires", "90d")
    assert made["client_secret"].startswith(f"mgs_{made['id']}_")
    assert "secret, shown once: mgs_" in run("secret", "create", "Acme")
    assert "at most 2" in run("secret", "create", "Acme", status=1)
    listed = run_json("secret", "list", "Acme")
    assert [("client_secret" in one, one["client_id"]) for one in listed] == [(False, made["client_id"])] * 2
    assert made["id"] in run("secret", "list", "Acme")
    assert run_json("secret", "remove", "Acme", made["id"]) == {"removed": made["id"]}
    assert "there is no secret" in run("secret", "remove", "Acme", made["id"], status=1)
