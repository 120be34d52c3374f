"""API keys, on both engines."""

from dataclasses import replace

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import InvalidValueError, NotFoundError, StateConflictError
from accounts.service import clients, keys
from accounts.service.keys import NewKey
from accounts_harness.making import SOMEBODY, make_client, make_key
from servicekit.core.errors import StaleVersionError
from servicekit.core.values import ANY, Expected


def opens(services: Services, made: NewKey, now: int) -> bool:
    key = services.store.read(lambda tx: tx.keys.get(made.key.id))
    assert key is not None
    return keys.opens(key, made.text, services.peppers.all(), now)


def test_a_key_opens_until_it_is_revoked(services: Services) -> None:
    client = make_client(services)
    made = make_key(services, client, env="test", scopes=("read",))
    assert made.text.startswith(f"mg_test_{made.key.id}_")
    assert made.key.created_by == "somebody"
    now = services.clock()
    assert opens(services, made, now)
    where = (client.id, made.key.id)
    services.store.write(lambda tx: keys.revoke(tx, where, ANY, now))
    assert not opens(services, made, now)
    again = services.store.write(lambda tx: keys.revoke(tx, where, ANY, now + 5_000_000))
    assert again.revoked_at == now // 1_000_000


def test_another_keys_text_does_not_open(services: Services) -> None:
    client = make_client(services)
    one, other = make_key(services, client), make_key(services, client)
    now = services.clock()
    peppers = services.peppers.all()
    assert not keys.opens(one.key, other.text, peppers, now)
    assert not keys.opens(one.key, one.text[:-1] + "!", peppers, now)
    assert not keys.opens(one.key, one.text, {}, now)


def test_rotation_overlaps(services: Services) -> None:
    client = make_client(services)
    old = make_key(services, client, scopes=("read",))
    now, pepper = services.clock(), services.peppers.current()
    where = (client.id, old.key.id)
    new = services.store.write(lambda tx: keys.rotate(tx, where, 60, pepper, now), SOMEBODY)
    assert (new.key.name, new.key.scopes, new.key.expires_at) == ("key", ("read",), None)
    assert opens(services, old, now)
    assert opens(services, new, now)
    assert not opens(services, old, now + 60_000_000)
    assert opens(services, new, now + 60_000_000)
    with pytest.raises(StateConflictError):
        services.store.write(lambda tx: keys.rotate(tx, where, 60, pepper, now))
    with pytest.raises(StateConflictError):
        services.store.write(lambda tx: keys.rotate(tx, where, 60, pepper, now + 60_000_000))
    leaked = services.store.write(lambda tx: keys.rotate(tx, (client.id, new.key.id), 0, pepper, now))
    assert not opens(services, new, now)
    assert opens(services, leaked, now)


def test_a_fixed_end_is_no_rotation_away(services: Services) -> None:
    client, now = make_client(services), services.clock()
    end = now // 1_000_000 + 30
    old = make_key(services, client, expires_at=end)
    pepper = services.peppers.current()
    new = services.store.write(lambda tx: keys.rotate(tx, (client.id, old.key.id), 60, pepper, now))
    assert new.key.expires_at == end
    assert services.store.read(lambda tx: keys.find(tx, (client.id, old.key.id))).expires_at == end


def test_a_rotated_key_only_ends_sooner(services: Services) -> None:
    client = make_client(services)
    old, pepper, now = make_key(services, client), services.peppers.current(), services.clock()
    where = (client.id, old.key.id)
    new = services.store.write(lambda tx: keys.rotate(tx, where, 60, pepper, now), SOMEBODY)
    end = now // 1_000_000 + 60
    for later in (end + 1, None):
        with pytest.raises(StateConflictError, match=new.key.id):
            services.store.write(lambda tx, later=later: keys.change(tx, where, {"expires_at": later}, ANY, now))
    renamed = services.store.write(lambda tx: keys.change(tx, where, {"name": "old", "expires_at": end}, ANY, now))
    assert (renamed.name, renamed.expires_at) == ("old", end)
    assert (
        services.store.write(lambda tx: keys.change(tx, where, {"expires_at": end - 30}, ANY, now)).expires_at
        == end - 30
    )
    assert not opens(services, old, now + 30_000_000)


def test_a_change_of_a_key(services: Services) -> None:
    client = make_client(services)
    made, now = make_key(services, client), services.clock()
    where = (client.id, made.key.id)
    patch = {"name": "other", "scopes": ("write",), "expires_at": now // 1_000_000 + 9}
    changed = services.store.write(lambda tx: keys.change(tx, where, patch, Expected(frozenset({1})), now))
    assert changed == replace(made.key, name="other", scopes=("write",), expires_at=patch["expires_at"], version=2)
    with pytest.raises(StaleVersionError):
        services.store.write(lambda tx: keys.change(tx, where, {"name": "x"}, Expected(frozenset({1})), now))
    for wrong in ({"name": ""}, {"scopes": ("a b",)}, {"expires_at": 1}):
        with pytest.raises(InvalidValueError):
            services.store.write(lambda tx, wrong=wrong: keys.change(tx, where, wrong, ANY, now))
    with pytest.raises(StateConflictError):
        services.store.write(lambda tx: keys.change(tx, where, {"name": "x"}, ANY, now + 10_000_000))


def test_what_is_refused(services: Services) -> None:
    client, other = make_client(services), make_client(services, "Other")
    made = make_key(services, client)
    for members in ({"name": "a\n"}, {"env": "A"}, {"scopes": ("",)}, {"expires_at": 1}):
        with pytest.raises(InvalidValueError):
            make_key(services, client, **members)
    for where in ((other.id, made.key.id), (client.id, "0" * 12), (client.id, "x"), ("cl_x", made.key.id)):
        with pytest.raises(NotFoundError):
            services.store.write(lambda tx, where=where: keys.revoke(tx, where, ANY, 1))
    services.store.write(lambda tx: clients.close(tx, client.id, ANY, services.clock()))
    with pytest.raises(StateConflictError):
        make_key(services, client)
