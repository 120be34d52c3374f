"""Grants in SQL."""

from accounts.adapters.grant_rows import dump, load
from accounts.bootstrap.wiring import Services
from accounts.domain.grant import Effect, Grant
from accounts_harness.making import make_client, make_grant


def test_grants_of_a_role_come_back_as_they_were() -> None:
    grants = (Grant("a/*", ("read", "own"), expires_at=9, query={"label": "é"}), Grant("b", ("*",), Effect.DENY))
    assert load(dump(grants)) == grants


def test_pages_and_several_clients(services: Services) -> None:
    one, other = make_client(services), make_client(services, "Other")
    made = [make_grant(services, client, f"a/{n}") for n in range(3) for client in (one, other)]
    found = services.store.read(lambda tx: tx.grants.of_clients([one.id, other.id]))
    assert found == {one.id: made[::2], other.id: made[1::2]}
    assert services.store.read(lambda tx: tx.grants.page(one.id, made[0].id, 1)) == [made[2]]
