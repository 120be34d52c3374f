"""What gateways are told."""

import base64

from accounts.bootstrap.wiring import Services
from accounts.domain.credentials import Pepper
from accounts.domain.plan import Period, Plan, Quota
from accounts.service.records import base64url, client_record, pepper_record, plan_record
from accounts_harness.making import make_client, make_grant, make_key


def test_members_with_their_default_are_left_out(services: Services) -> None:
    client = make_client(services)
    record = services.store.read(lambda tx: client_record(tx, client))
    assert record == {"id": client.id, "name": "Acme"}


def test_everything_of_a_client_is_in_its_record(services: Services) -> None:
    client = make_client(services, labels={"team": "x"}, certificates=("CN=acme",))
    made = make_key(services, client, scopes=("read",), expires_at=2_000_000_000)
    make_grant(services, client, "a/b", "*", effect="deny")
    make_grant(services, client, "a/*", "read")
    record = services.store.read(lambda tx: client_record(tx, client))
    assert record == {
        "id": client.id,
        "name": "Acme",
        "labels": {"team": "x"},
        "keys": [
            {
                "id": made.key.id,
                "mac": base64url(made.key.secret.mac),
                "pepper": 1,
                "scopes": ["read"],
                "expires_at": 2_000_000_000,
            }
        ],
        "certificates": [{"subject": "CN=acme"}],
        "grants": [
            {"resource": "a/*", "actions": ["read"]},
            {"resource": "a/b", "actions": ["*"], "effect": "deny"},
        ],
    }
    assert made.text not in str(record)


def test_plans_and_peppers() -> None:
    plan = Plan("standard", 100, 1, 200, Quota(10, Period.MONTH))
    assert plan_record(plan) == {
        "name": "standard",
        "rate": {"requests": 100, "seconds": 1},
        "burst": 200,
        "quota": {"requests": 10, "period": "month"},
        "concurrency": None,
    }
    pepper = pepper_record(Pepper(3, b"\xff" * 32))
    assert (pepper["version"], base64.urlsafe_b64decode(pepper["secret"] + "=")) == (3, b"\xff" * 32)
