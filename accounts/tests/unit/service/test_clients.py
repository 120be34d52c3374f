"""Clients, on both engines."""

import json
from dataclasses import replace
from typing import Any

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.client import ClientStatus, RevokedToken
from accounts.domain.errors import DuplicateNameError, InvalidValueError, NotFoundError, StateConflictError
from accounts.domain.plan import Plan
from accounts.service import clients, plans, roles
from accounts.service.ports import AuditQuery, ClientQuery
from accounts_harness.making import SOMEBODY, make_client, make_key
from servicekit.core.errors import StaleVersionError
from servicekit.core.values import ANY, Expected


def record(services: Services, ident: str) -> dict[str, Any]:
    text = services.store.read(lambda tx: tx.feed.record("client", ident))
    assert text is not None
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_change_is_stored_told_and_audited(services: Services) -> None:
    services.store.write(lambda tx: plans.create(tx, Plan("big", 1, 1, 1), 1))
    for name in ("a", "b"):
        services.store.write(lambda tx, name=name: roles.create(tx, name, (), 1))
    client = make_client(services, labels={"keep": "1", "drop": "2"})
    patch = {"name": "Umbrella", "plan": "big", "roles": ("b", "a"), "labels": {"drop": None, "new": "3"}}
    changed = services.store.write(lambda tx: clients.change(tx, client.id, patch, Expected(frozenset({1}))), SOMEBODY)
    assert (changed.name, changed.plan, changed.roles, changed.version) == ("Umbrella", "big", ("b", "a"), 2)
    assert changed.labels == {"keep": "1", "new": "3"}
    assert services.store.read(lambda tx: clients.find(tx, client.id)) == changed
    assert record(services, client.id)["roles"] == ["b", "a"]
    entry = services.store.read(lambda tx: tx.audit.page(AuditQuery(1)))[0]
    assert (entry.topic, entry.subject, entry.actor) == ("client.changed", client.id, "somebody")
    assert entry.details["name"] == {"from": "Acme", "to": "Umbrella"}


def test_one_name_is_one_client_whichever_keyboard_typed_it(services: Services) -> None:
    composed, apart = "Caf\u00e9 Noir", "Cafe\u0301 Noir"
    client = make_client(services, apart)
    assert client.name == composed
    for name in (composed, apart):
        found = services.store.read(
            lambda tx, name=name: (tx.clients.by_name(name), tx.clients.page(ClientQuery(9, name_prefix=name)))
        )
        assert found == (client, [client])
        with pytest.raises(DuplicateNameError):
            make_client(services, name)
    assert services.store.write(lambda tx: clients.change(tx, client.id, {"name": apart}, ANY)) == client
    for name in ("Acme ", " Acme", "Ac  me", "Ac\u00a0me"):
        with pytest.raises(InvalidValueError):
            make_client(services, name)
        with pytest.raises(InvalidValueError):
            services.store.write(lambda tx, name=name: clients.change(tx, client.id, {"name": name}, ANY))


def test_a_name_older_than_the_rule_stays_until_it_is_changed(services: Services) -> None:
    client = make_client(services)
    services.store.write(lambda tx: tx.clients.save(replace(client, name="Acme  Inc ")))
    changed = services.store.write(
        lambda tx: clients.change(tx, client.id, {"name": "Acme  Inc ", "labels": {"a": "b"}}, ANY)
    )
    assert (changed.name, changed.labels) == ("Acme  Inc ", {"a": "b"})


def test_nothing_changed_is_no_change(services: Services) -> None:
    client = make_client(services)
    before = services.store.read(lambda tx: tx.feed.state())
    assert services.store.write(lambda tx: clients.change(tx, client.id, {"name": "Acme"}, ANY)) == client
    assert services.store.read(lambda tx: tx.feed.state()) == before


def test_what_is_refused(services: Services) -> None:
    client = make_client(services)
    make_client(services, "Other")
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"name": "Other"}, DuplicateNameError),
        ({"name": "a\nb"}, InvalidValueError),
        ({"plan": "none"}, InvalidValueError),
        ({"roles": ("none",)}, InvalidValueError),
    ]
    for patch, error in wrong:
        with pytest.raises(error):
            services.store.write(lambda tx, patch=patch: clients.change(tx, client.id, patch, ANY))
    with pytest.raises(StaleVersionError):
        services.store.write(lambda tx: clients.change(tx, client.id, {"name": "b"}, Expected(frozenset({7}))))
    with pytest.raises(DuplicateNameError):
        make_client(services)
    for ident in ("cl_" + "0" * 18, "none", "cl_\x00"):
        with pytest.raises(NotFoundError):
            services.store.write(lambda tx, ident=ident: clients.change(tx, ident, {}, ANY))
    assert services.store.read(lambda tx: clients.find(tx, client.id)) == client


def test_closing_is_final_and_gives_the_name_back(services: Services) -> None:
    client = make_client(services)
    key = make_key(services, client).key
    services.store.write(lambda tx: clients.close(tx, client.id, ANY, services.clock()))
    closed = services.store.read(lambda tx: clients.find(tx, client.id))
    assert closed.status is ClientStatus.CLOSED
    told = record(services, client.id)
    assert (told["status"], told["keys"][0]["id"]) == ("closed", key.id)
    assert told["keys"][0]["revoked_at"] > 0
    make_client(services)
    with pytest.raises(StateConflictError):
        services.store.write(lambda tx: clients.change(tx, client.id, {"name": "b"}, ANY))


def test_tokens_are_revoked_one_by_one_and_all_at_once(services: Services) -> None:
    client = make_client(services)
    now = services.clock()
    later = now // 1_000_000 + 300
    for jti in ("one", "two", "one"):
        services.store.write(lambda tx, jti=jti: clients.revoke_token(tx, client.id, RevokedToken(jti, later), now))
    services.store.write(lambda tx: clients.revoke_token(tx, client.id, RevokedToken("ended", 5), now))
    told = record(services, client.id)
    assert told["revoked_tokens"] == [{"jti": "one", "exp": later}, {"jti": "two", "exp": later}]
    changed = services.store.write(lambda tx: clients.revoke_tokens(tx, client.id, now))
    # A token of this very second may have been issued before: it is refused too.
    assert record(services, client.id)["not_before"] == changed.not_before == now // 1_000_000 + 1
    for token in (RevokedToken("", later), RevokedToken("a\n", later), RevokedToken("x" * 129, later)):
        with pytest.raises(InvalidValueError):
            services.store.write(lambda tx, token=token: clients.revoke_token(tx, client.id, token, now))


def test_tokens_that_ended_make_room_for_others(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "MAX_REVOKED", 2)
    client, now = make_client(services), services.clock()
    at = now // 1_000_000

    def revoke(jti: str, moment: int) -> None:
        token = RevokedToken(jti, at + 60)
        services.store.write(lambda tx: clients.revoke_token(tx, client.id, token, moment))

    revoke("a", now)
    revoke("b", now)
    with pytest.raises(StateConflictError):
        revoke("c", now)
    services.store.write(
        lambda tx: clients.revoke_token(tx, client.id, RevokedToken("d", at + 600), now + 62 * 1_000_000)
    )
    assert [token["jti"] for token in record(services, client.id)["revoked_tokens"]] == ["d"]
