"""What a client brings to the token endpoint."""

import pytest
from joserfc.jwk import ECKey

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import InvalidValueError, NotFoundError, StateConflictError
from accounts.domain.oauth import Profile
from accounts.service import profiles
from accounts.service.ports import AuditQuery
from accounts.service.profiles import NewSecret
from accounts_harness.making import SOMEBODY, make_client
from servicekit.core.errors import StaleVersionError
from servicekit.core.values import ANY, Expected


def change(services: Services, ident: str, expected: Expected = ANY, **patch: object) -> Profile:
    return services.store.write(lambda tx: profiles.change(tx, ident, patch, expected, services.oauth.jose), SOMEBODY)


def add_secret(services: Services, ident: str, expires_at: int | None = None) -> NewSecret:
    pepper, now = services.peppers.current(), services.clock()
    return services.store.write(lambda tx: profiles.create_secret(tx, ident, expires_at, pepper, now), SOMEBODY)


def test_a_profile_is_changed_on_a_version_that_was_seen(services: Services) -> None:
    client = make_client(services)
    assert services.store.read(lambda tx: profiles.find(tx, client.id)).version == 1
    key = ECKey.generate_key("P-256").as_dict(private=False)
    changed = change(services, client.id, Expected(frozenset({1})), scopes=("read",), jwks={"keys": [key]})
    assert (changed.version, changed.scopes, changed.jwks) == (2, ("read",), (key,))
    assert change(services, client.id, scopes=("read",)).version == 2
    with pytest.raises(StaleVersionError):
        change(services, client.id, Expected(frozenset({1})), scopes=())
    private = ECKey.generate_key("P-256").as_dict(private=True)
    for wrong in ({"keys": [private]}, {"keys": [{"kty": "EC"}]}, {"keys": 1}):
        with pytest.raises(InvalidValueError):
            change(services, client.id, jwks=wrong)
    with pytest.raises(InvalidValueError):
        change(services, client.id, scopes=("a b",))
    with pytest.raises(NotFoundError):
        change(services, "cl_x", scopes=())


def test_two_secrets_live_at_a_time(services: Services) -> None:
    client = make_client(services)
    first, second = (add_secret(services, client.id) for _ in range(2))
    assert first.text.startswith("mgs_")
    assert first.text != second.text
    with pytest.raises(StateConflictError):
        add_secret(services, client.id)
    services.store.write(lambda tx: profiles.remove_secret(tx, client.id, first.secret.id), SOMEBODY)
    for ident in (first.secret.id, "x", "\x00"):
        with pytest.raises(NotFoundError):
            services.store.write(lambda tx, ident=ident: profiles.remove_secret(tx, client.id, ident))  # type: ignore[misc]
    with pytest.raises(InvalidValueError):
        add_secret(services, client.id, 1)
    add_secret(services, client.id, 4_000_000_000)
    entries = services.store.read(lambda tx: tx.audit.page(AuditQuery(10, subject=client.id)))
    assert [entry.topic for entry in entries][:2] == ["client.secret_created", "client.secret_removed"]
    assert all(first.text not in str(entry.details) for entry in entries)
