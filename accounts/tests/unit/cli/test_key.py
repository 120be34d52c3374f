"""`accounts key`, on both engines."""

from accounts.bootstrap.wiring import Services
from accounts.domain.credentials import parse_text
from accounts_harness.commands import Run, RunJson
from accounts_harness.making import make_client


def test_keys_are_shown_once_rotated_and_revoked(services: Services, run: Run, run_json: RunJson) -> None:
    make_client(services)
    made = run_json("key", "create", "Acme", "--name", "ci", "--env", "test", "--scope", "read", "--expires", "90d")
    shown = parse_text(made["key"])
    assert shown is not None
    assert (shown.id, made["scopes"], made["expires"] is None) == (made["id"], ["read"], False)
    assert made["created_by"].startswith("cli:")
    rotated = run_json("key", "rotate", "Acme", made["id"], "--overlap", "60")
    assert rotated["name"] == "ci"
    listed = run_json("key", "list", "Acme")
    assert {key["id"] for key in listed} == {made["id"], rotated["id"]}
    assert "key" not in listed[0]
    assert run_json("key", "revoke", "Acme", rotated["id"])["revoked"] is not None
    assert made["key"] not in run("key", "list", "Acme")
    assert "key, shown once: mg_live_" in run("key", "create", "Acme")
    assert "there is no key" in run("key", "revoke", "Acme", "none", status=1)
    assert "--expires must be a span" in run("key", "create", "Acme", "--expires", "soon", status=1)
