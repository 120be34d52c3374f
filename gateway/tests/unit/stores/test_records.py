"""Records as the contract shows them, and what is none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway_harness.replicas import PEPPER, b64, client_record, key_record, pepper_record, public_id
from moongate.stores.records import (
    ClientRecord,
    Grant,
    Plan,
    Quota,
    Rate,
    Unreadable,
    read_client,
    read_pepper,
    read_plan,
    read_role,
)

CONTRACT_CLIENT = b"""
{"id": "cl_1", "name": "Acme", "status": "active", "not_before": 0, "plan": "standard", "roles": ["reader"],
 "labels": {"team": "x"},
 "keys": [{"id": "k3JdYq0PzR5x", "mac": "AAECAwQFBgcICQoLDA0ODw", "pepper": 1, "scopes": ["read"], "expires_at": null,
           "revoked_at": null}],
 "certificates": [{"subject": "CN=acme"}],
 "revoked_tokens": [{"jti": "j1", "exp": 1790000000}],
 "grants": [{"resource": "inventory/cars/*", "actions": ["read"], "effect": "allow", "expires_at": null,
             "query": {"label": "fleet=acme"}}]}
"""
CONTRACT_PLAN = b"""
{"name": "standard", "rate": {"requests": 100, "seconds": 1}, "burst": 200,
 "quota": {"requests": 1000000, "period": "month"}, "concurrency": 20}
"""


def test_the_contracts_client() -> None:
    wire, keys = read_client(CONTRACT_CLIENT)
    assert (wire.id, wire.plan, wire.roles, wire.labels) == ("cl_1", "standard", ("reader",), {"team": "x"})
    assert keys[0].id == b"k3JdYq0PzR5x"
    assert keys[0].mac == bytes(range(16))
    assert keys[0].scopes == ("read",)
    assert wire.certificates[0].subject == "CN=acme"
    assert wire.revoked_tokens[0].jti == "j1"
    assert wire.grants == (Grant("inventory/cars/*", ("read",), query={"label": "fleet=acme"}),)


def test_the_contracts_plan() -> None:
    assert read_plan(CONTRACT_PLAN) == Plan("standard", Rate(100, 1), 200, Quota(1_000_000, "month"), 20)
    assert read_plan(b'{"name": "p", "quota": null, "concurrency": null}') == Plan("p")


def test_the_contracts_role_and_pepper() -> None:
    role = read_role(b'{"name": "reader", "grants": [{"resource": "**", "actions": ["*"], "effect": "deny"}]}')
    assert role.grants == (Grant("**", ("*",), "deny"),)
    assert read_pepper(msgspec.json.encode(pepper_record())) == (1, PEPPER)


def test_what_may_be_left_out_may_be_left_out() -> None:
    wire, keys = read_client(b'{"id": "c"}')
    assert (wire.status, wire.not_before, wire.plan, wire.grants, keys) == ("active", 0, None, (), ())


def test_what_is_not_known_yet_is_passed_over() -> None:
    assert read_client(b'{"id": "c", "colour": ["red", {"deep": 1}]}')[0].id == "c"


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": [{**key_record(public_id(1)), "mac": "AAAA"}]},
        {"keys": [{**key_record(public_id(1)), "mac": "not base64 at all!"}]},
        {"keys": [{**key_record(public_id(1)), "id": "käse"}]},
        {"keys": [{"id": "x"}]},
        {"keys": None},
        {"grants": [{"resource": "a", "actions": ["read"], "effect": "perhaps"}]},
        {"grants": [{"resource": "a", "actions": "read"}]},
        {"not_before": "yesterday"},
        {"id": 7},
    ],
    ids=str,
)
def test_a_client_that_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_client(msgspec.json.encode({**client_record(1), **wrong}))


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"id": "\\ud800"}'], ids=range(7)
)
def test_garbage(raw: bytes) -> None:
    for read in (read_client, read_role, read_plan, read_pepper):
        with pytest.raises(Unreadable):
            read(raw)


def test_a_wrong_pepper_tells_nothing_of_itself() -> None:
    secret = b64(b"only 18 octets of!")
    with pytest.raises(Unreadable) as caught:
        read_pepper(msgspec.json.encode({"version": 1, "secret": secret}))
    assert secret not in str(caught.value)


def test_when_a_key_lives() -> None:
    _, (forever, ending, revoked) = read_client(
        msgspec.json.encode(
            {
                "id": "c",
                "keys": [
                    key_record(public_id(1)),
                    key_record(public_id(2), expires_at=100),
                    key_record(public_id(3), revoked_at=100),
                ],
            }
        )
    )
    assert forever.is_live(10**10)
    assert ending.is_live(99)
    assert not ending.is_live(100)
    assert not revoked.is_live(99)  # accounts' clock may be ahead of ours


def test_only_the_active_are_active() -> None:
    def client(status: str) -> ClientRecord:
        return ClientRecord("c", "", status, 0, None, {}, (), (), frozenset(), ())

    assert client("active").is_active
    assert not any(client(status).is_active for status in ("suspended", "closed", "", "ACTIVE", "new one"))
