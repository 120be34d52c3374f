"""`accounts client`, on both engines."""

from accounts.bootstrap.wiring import Services
from accounts_harness.commands import Run, RunJson


def test_a_client_from_beginning_to_end(services: Services, run: Run, run_json: RunJson) -> None:
    made = run_json("client", "create", "Acme", "--label", "team=x", "--certificate", "CN=acme")
    assert (made["name"], made["labels"], made["is_new"]) == ("Acme", {"team": "x"}, True)
    again = run_json("client", "create", "Acme", "--if-absent")
    assert (again["id"], again["is_new"]) == (made["id"], False)
    assert "another client is named 'Acme'" in run("client", "create", "Acme", status=1)
    changed = run_json("client", "change", "Acme", "--name", "Umbrella", "--label", "team=", "--label", "tier=1")
    assert (changed["name"], changed["labels"], changed["certificates"]) == ("Umbrella", {"tier": "1"}, ["CN=acme"])
    assert run_json("client", "suspend", made["id"])["status"] == "suspended"
    assert run_json("client", "list", "--status", "suspended")[0]["id"] == made["id"]
    assert run_json("client", "resume", made["id"])["status"] == "active"
    assert run_json("client", "revoke-tokens", made["id"])["tokens_not_before"] is not None
    assert "Umbrella" in run("client", "list")
    assert made["id"] in run("client", "show", "Umbrella")
    assert run_json("client", "close", "Umbrella")["status"] == "closed"
    assert run_json("client", "list") == []
    assert "there is no client 'Umbrella'" in run("client", "show", "Umbrella", status=1)
    assert list(services.verify()) == []


def test_what_is_wrong_is_one_line(run: Run, services: Services) -> None:
    for arguments in (["a\nb"], ["a", "--plan", "none"], ["a", "--label", "x"], ["a", "--role", "none"]):
        said = run("client", "create", *arguments, status=1)
        assert said.startswith("accounts: ")
        assert said.count("\n") == 1
