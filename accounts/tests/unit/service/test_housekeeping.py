"""What is forgotten, on both engines."""

from accounts.bootstrap.wiring import Services
from accounts.domain.client import RevokedToken
from accounts.service import clients, feed, keys
from accounts.service.housekeeping import sweep
from accounts_harness.making import make_client, make_key
from servicekit.core.values import ANY

DAY_US = 24 * 3600 * 1_000_000


def test_the_dead_are_forgotten_after_a_month_and_gateways_are_told(services: Services) -> None:
    now = services.clock()
    closed, client = make_client(services, "Closed"), make_client(services)
    make_key(services, closed)
    services.store.write(lambda tx: clients.close(tx, closed.id, ANY, now))
    dead, live = make_key(services, client), make_key(services, client)
    services.store.write(lambda tx: keys.revoke(tx, (client.id, dead.key.id), ANY, now))
    token = RevokedToken("jti", now // 1_000_000 + 60)
    services.store.write(lambda tx: clients.revoke_token(tx, client.id, token, now))
    sweep(services.store, now + 29 * DAY_US)
    assert services.store.read(lambda tx: len(tx.keys.of_client(client.id))) == 2
    before = services.store.read(lambda tx: tx.feed.state())
    sweep(services.store, now + 30 * DAY_US + 1_000_000)
    left = services.store.read(lambda tx: tx.keys.of_client(client.id))
    assert [key.id for key in left] == [live.key.id]
    assert services.store.read(lambda tx: tx.clients.get(closed.id)) is None
    state = services.store.read(lambda tx: tx.feed.state())
    told = services.store.read(lambda tx: tx.feed.changes(before.last, 10))
    assert {(change.id, change.record is None) for change in told} == {(closed.id, True), (client.id, False)}
    # What was said a month ago cannot be read any more: who is behind starts over.
    assert (before.floor, state.floor) == (0, before.last)
    assert list(services.verify()) == []


def test_a_second_round_finds_nothing(services: Services) -> None:
    make_client(services)
    sweep(services.store, services.clock() + feed.KEPT_US * 2)
    before = services.store.read(lambda tx: (tx.feed.state(), tx.audit.last()))
    sweep(services.store, services.clock() + feed.KEPT_US * 2)
    assert services.store.read(lambda tx: (tx.feed.state(), tx.audit.last())) == before
