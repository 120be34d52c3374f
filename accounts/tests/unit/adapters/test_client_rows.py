"""Clients in SQL, on both engines."""

from accounts.bootstrap.wiring import Services
from accounts.domain.client import ClientStatus
from accounts.service import clients
from accounts.service.ports import ClientQuery
from accounts_harness.making import make_client
from servicekit.core.values import ANY


def test_pages_go_on_where_they_stopped_and_prefixes_are_no_patterns(services: Services) -> None:
    made = [make_client(services, name) for name in ("a1", "a%", "b", "A1", "ä")]
    services.store.write(lambda tx: clients.close(tx, made[2].id, ANY, services.clock()))

    def page(query: ClientQuery) -> list[str]:
        return [client.name for client in services.store.read(lambda tx: tx.clients.page(query))]

    assert page(ClientQuery(10)) == ["a1", "a%", "A1", "ä"]
    assert page(ClientQuery(2, after=made[0].id)) == ["a%", "A1"]
    assert page(ClientQuery(10, ClientStatus.CLOSED)) == ["b"]
    assert page(ClientQuery(10, name_prefix="a")) == ["a1", "a%"]
    assert page(ClientQuery(10, name_prefix="a%")) == ["a%"]


def test_a_name_finds_the_open_one(services: Services) -> None:
    first = make_client(services)
    services.store.write(lambda tx: clients.close(tx, first.id, ANY, services.clock()))
    assert services.store.read(lambda tx: tx.clients.by_name("Acme")) is None
    second = make_client(services)
    assert services.store.read(lambda tx: tx.clients.by_name("Acme")) == second
