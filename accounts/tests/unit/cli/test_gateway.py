"""`accounts gateway`, on both engines."""

from accounts.bootstrap.wiring import Services
from accounts.service import gateways
from accounts_harness.commands import Run, RunJson


def test_a_credential_is_made_and_taken_away(services: Services, run: Run, run_json: RunJson) -> None:
    made = run_json("gateway", "create", "edge")
    held = services.peppers.all()
    found = services.store.read(lambda tx: gateways.authenticate(tx, made["credential"], held))
    assert found.name == "edge"
    assert "shown once: mgw_" in run("gateway", "create", "other")
    assert "edge" in run("gateway", "list")
    assert run_json("gateway", "remove", "edge")["id"] == made["id"]
    assert "there is no gateway 'edge'" in run("gateway", "remove", "edge", status=1)
    run("gateway", "create", "zu\u0308rich")
    assert "another gateway is named" in run("gateway", "create", "z\u00fcrich", status=1)
    assert "spaces only between words" in run("gateway", "create", "edge ", status=1)
    run("gateway", "remove", "zu\u0308rich")
    assert [one["name"] for one in run_json("gateway", "list")] == ["gateway", "other"]
