"""`accounts role`, on both engines."""

from accounts.bootstrap.wiring import Services
from accounts_harness.commands import Run, RunJson
from accounts_harness.making import make_client


def test_roles_are_made_listed_and_removed(services: Services, run: Run, run_json: RunJson) -> None:
    assert run_json("role", "create", "reader")["grants"] == []
    run("role", "create", "reader", "--if-absent")
    assert "another role is named 'reader'" in run("role", "create", "reader", status=1)
    make_client(services, roles=("reader",))
    assert "has the role" in run("role", "remove", "reader", status=1)
    run("role", "create", "writer")
    assert "reader" in run("role", "list")
    assert run_json("role", "remove", "writer") == {"removed": "writer"}
    assert [role["name"] for role in run_json("role", "list")] == ["reader"]
