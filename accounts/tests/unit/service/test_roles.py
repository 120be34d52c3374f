"""Roles, on both engines."""

import json

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import DuplicateNameError, NotFoundError, StateConflictError
from accounts.domain.grant import Effect, Grant
from accounts.service import clients, roles
from accounts_harness.making import make_client
from servicekit.core.errors import StaleVersionError
from servicekit.core.values import ANY, Expected

GRANTS = (Grant("a/*", ("read",), expires_at=9, query={"label": "x"}), Grant("a/b", ("*",), Effect.DENY))


def test_a_role_is_told_whole_whenever_it_changes(services: Services) -> None:
    made = services.store.write(lambda tx: roles.create(tx, "reader", GRANTS, 1))
    assert services.store.read(lambda tx: roles.find(tx, "reader")) == made
    after = services.store.read(lambda tx: tx.feed.state()).last
    services.store.write(lambda tx: roles.change(tx, "reader", GRANTS[1:], Expected(frozenset({1}))))
    change = services.store.read(lambda tx: tx.feed.changes(after, 10))[0]
    assert (change.kind, change.id) == ("role", "reader")
    assert json.loads(change.record or "") == {
        "name": "reader",
        "grants": [{"resource": "a/b", "actions": ["*"], "effect": "deny"}],
    }
    with pytest.raises(StaleVersionError):
        services.store.write(lambda tx: roles.change(tx, "reader", (), Expected(frozenset({1}))))
    with pytest.raises(DuplicateNameError):
        services.store.write(lambda tx: roles.create(tx, "reader", (), 1))


def test_a_role_that_is_held_stays(services: Services) -> None:
    services.store.write(lambda tx: roles.create(tx, "reader", GRANTS, 1))
    client = make_client(services, roles=("reader",))
    with pytest.raises(StateConflictError):
        services.store.write(lambda tx: roles.remove(tx, "reader", ANY))
    services.store.write(lambda tx: clients.change(tx, client.id, {"roles": ()}, ANY))
    services.store.write(lambda tx: roles.remove(tx, "reader", ANY))
    last = services.store.read(lambda tx: tx.feed.changes(tx.feed.state().last - 1, 10))[0]
    assert (last.kind, last.id, last.record) == ("role", "reader", None)
    for work in (lambda tx: roles.find(tx, "reader"), lambda tx: roles.remove(tx, "reader", ANY)):
        with pytest.raises(NotFoundError):
            services.store.write(work)
