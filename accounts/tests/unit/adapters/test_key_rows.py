"""Keys in SQL, on both engines."""

from dataclasses import replace

from accounts.bootstrap.wiring import Services
from accounts_harness.making import make_client, make_key
from servicekit.core.values import Position


def test_pages_go_on_where_they_stopped(services: Services) -> None:
    client, other = make_client(services), make_client(services, "Other")
    make_key(services, other)
    made = {make_key(services, client).key for _ in range(5)}
    whole = services.store.read(lambda tx: tx.keys.page(client.id, None, 10))
    assert set(whole) == made
    last = Position(whole[1].created_at, whole[1].id)
    assert services.store.read(lambda tx: tx.keys.page(client.id, last, 2)) == whole[2:4]


def test_live_keys_under_a_pepper_are_counted(services: Services) -> None:
    client = make_client(services)
    end = services.clock() // 1_000_000 + 60
    make_key(services, client)
    make_key(services, client, expires_at=end)

    def count(pepper: int, at: int) -> int:
        return services.store.read(lambda tx: tx.keys.count_live_under(pepper, at))

    assert (count(1, end - 1), count(1, end), count(2, 0)) == (2, 1, 0)


def test_a_key_that_is_changed_while_it_is_used_keeps_when(services: Services) -> None:
    key = make_key(services, make_client(services)).key
    services.store.write(lambda tx: tx.keys.mark_used({key.id: 1_700_000_000}))
    services.store.write(lambda tx: tx.keys.save(replace(key, name="other", version=2)))  # as it was read before
    found = services.store.read(lambda tx: tx.keys.get(key.id))
    assert found == replace(key, name="other", version=2, last_used_at=1_700_000_000)
