"""Grants of clients, on both engines."""

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import NotFoundError
from accounts.service import grants
from accounts_harness.making import make_client, make_grant


def test_grants_keep_the_order_they_were_given_in(services: Services) -> None:
    client = make_client(services)
    made = [make_grant(services, client, f"a/{number}") for number in range(5)]
    assert services.store.read(lambda tx: tx.grants.of_client(client.id)) == made
    services.store.write(lambda tx: grants.remove(tx, client.id, made[2].id))
    assert services.store.read(lambda tx: tx.grants.of_client(client.id)) == made[:2] + made[3:]
    record = services.store.read(lambda tx: tx.feed.record("client", client.id)) or ""
    assert "a/1" in record
    assert "a/2" not in record


def test_a_grant_is_found_at_its_client_only(services: Services) -> None:
    client, other = make_client(services), make_client(services, "Other")
    made = make_grant(services, client, "a")
    assert services.store.read(lambda tx: grants.find(tx, client.id, made.id)) == made
    for where in ((other.id, made.id), (client.id, "gr_x"), (client.id, client.id)):
        with pytest.raises(NotFoundError):
            services.store.write(lambda tx, where=where: grants.remove(tx, *where))
