"""Gateways, on both engines."""

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import DuplicateNameError, NotAuthenticatedError, NotFoundError
from accounts.service import gateways
from accounts.service.bootstrapping import Beginning


def test_a_gateway_shows_its_credential_until_it_is_removed(services: Services, beginning: Beginning) -> None:
    made = services.store.write(lambda tx: gateways.create(tx, "edge", services.peppers.current(), services.clock()))
    peppers = services.peppers.all()

    def ask(text: str) -> str:
        return services.store.read(lambda tx: gateways.authenticate(tx, text, peppers)).name

    assert (ask(made.text), ask(beginning.gateway_token)) == ("edge", "gateway")
    for wrong in ("", beginning.admin_token, made.text[:-1], beginning.gateway_token[:17] + made.text[17:]):
        with pytest.raises(NotAuthenticatedError):
            ask(wrong)
    with pytest.raises(DuplicateNameError):
        services.store.write(lambda tx: gateways.create(tx, "edge", services.peppers.current(), 1))
    services.store.write(lambda tx: gateways.remove(tx, made.gateway.id))
    with pytest.raises(NotAuthenticatedError):
        ask(made.text)
    with pytest.raises(NotFoundError):
        services.store.write(lambda tx: gateways.remove(tx, made.gateway.id))
