"""The shapes of answers say what the snapshots have."""

from accounts.bootstrap.wiring import Services
from accounts.domain.plan import Plan
from accounts.service.snapshots import client_snapshot, grant_snapshot, key_snapshot, plan_snapshot
from accounts.web import shown
from accounts_harness.making import make_client, make_grant, make_key


def test_shapes_and_snapshots_have_the_same_members(services: Services) -> None:
    client = make_client(services)
    pairs = [
        (shown.ClientOut, client_snapshot(client)),
        (shown.KeyOut, key_snapshot(make_key(services, client).key)),
        (shown.GrantOut, grant_snapshot(make_grant(services, client, "a"))),
        (shown.PlanOut, plan_snapshot(Plan("a", 1, 1, 1))),
    ]
    for shape, snapshot in pairs:
        assert set(shape.model_fields) == set(snapshot)
        shape.model_validate(snapshot)
