"""Proof of the stored data, on both engines: each promise is broken once, and found."""

import pytest
from sqlalchemy import text

from accounts.bootstrap.wiring import Services
from accounts.domain.client import RevokedToken
from accounts.domain.grant import Grant
from accounts.domain.plan import Plan
from accounts.service import clients, plans, roles
from accounts.service.grants import create
from accounts_harness.making import make_client, make_grant, make_key
from servicekit.storage.engine import WRITES, build_engine


@pytest.fixture
def filled(services: Services) -> Services:
    services.store.write(lambda tx: plans.create(tx, Plan("big", 1, 1, 1), 1))
    services.store.write(lambda tx: roles.create(tx, "reader", (), 1))
    client = make_client(services, plan="big", roles=("reader",))
    make_key(services, client)
    make_grant(services, client, "a")
    token = RevokedToken("jti", services.clock() // 1_000_000 + 60)
    services.store.write(lambda tx: clients.revoke_token(tx, client.id, token, services.clock()))
    return services


def test_what_is_whole_has_no_violation(filled: Services) -> None:
    assert list(filled.verify()) == []
    # Tokens that ended are forgotten without a word to gateways.
    filled.store.write(lambda tx: tx.clients.forget_revoked(2**40))
    assert [one.rule for one in filled.verify()] == ["told_as_stored"]


def test_grants_may_be_told_in_another_order_unless_it_decides(filled: Services) -> None:
    client = make_client(filled, "Other")
    plain = [Grant(name, ("read",)) for name in ("b", "a")]
    narrowed = [Grant(name, ("read",), query={"label": "1"}) for name in ("d", "c")]
    for grant in (*plain, *narrowed):
        filled.store.write(lambda tx, grant=grant: create(tx, client.id, grant, filled.clock()))  # type: ignore[misc]

    def rules_broken_by(told: list[Grant]) -> list[str]:
        grants = [
            {"resource": one.resource, "actions": list(one.actions), **({"query": one.query} if one.query else {})}
            for one in told
        ]
        record = {"id": client.id, "name": client.name, "grants": grants}
        filled.store.write(lambda tx: tx.feed.publish("client", client.id, record))
        return [one.rule for one in filled.verify()]

    assert rules_broken_by([*plain, *narrowed]) == []
    assert rules_broken_by([*plain, *reversed(narrowed)]) == ["told_as_stored"]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE records SET body = '{}' WHERE kind = 'client'", "told_as_stored"),
        ("DELETE FROM records WHERE kind = 'role'", "told_as_stored"),
        ("INSERT INTO records VALUES ('plan', 'ghost', '{}')", "told_as_stored"),
        ("UPDATE api_keys SET revoked_at = 5", "told_as_stored"),
        ("DELETE FROM changes WHERE seq = 3", "feed_without_gap"),
        ("UPDATE feed SET last_seq = last_seq + 1", "feed_without_gap"),
        ("UPDATE audit_numbers SET last_seq = last_seq + 1", "audit_unbroken"),
        ("INSERT INTO audit VALUES (99, 1, 'a', 'b', 'c', '{}', 'd', 'e')", "audit_unbroken"),
        ("UPDATE peppers SET fingerprint = 'x'", "peppers_fit"),
    ],
)  # fmt: skip
def test_each_broken_promise_is_found(filled: Services, database_url: str, statement: str, rule: str) -> None:
    engine = build_engine(database_url, 1, "accounts").execution_options(**{WRITES: True})
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert rule in {one.rule for one in filled.verify()}
