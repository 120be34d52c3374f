"""Gateways, admins and peppers in SQL, on both engines."""

from accounts.bootstrap.wiring import Services
from accounts.service.ports import KnownPepper


def test_what_bootstrap_made_is_there(services: Services) -> None:
    assert [gateway.name for gateway in services.store.read(lambda tx: tx.gateways.all())] == ["gateway"]
    admin = services.store.read(lambda tx: tx.admins.by_name("admin"))
    assert admin is not None
    assert [token.name for token in services.store.read(lambda tx: tx.admins.tokens_of(admin.id))] == ["bootstrap"]
    fingerprint = services.peppers.current().fingerprint
    assert services.store.read(lambda tx: tx.peppers.all()) == [KnownPepper(1, fingerprint)]
    assert services.store.read(lambda tx: (tx.peppers.in_use(1), tx.peppers.in_use(2))) == (True, False)
