"""Whom accounts lets in, where somebody else vouches: the whole table is in test_jwt, here is what it hangs on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway_harness.known_accounts import KnownAccounts, client_record, later, now_of
from moongate.core.exchange import Identity
from moongate.filters import Refusal
from moongate.filters.admission import Admission, Vouched
from moongate.stores.decision import Standing

CHALLENGE = ((b"WWW-Authenticate", b"Bearer"),)


def vouched(client: str = "c1", *, made: float = 100.0, is_known: bool = True, **claims: str) -> Vouched:
    return Vouched(client, frozenset(("read",)), claims, made, is_known)


def test_whoever_need_not_be_known_needs_no_accounts() -> None:
    admitted = now_of(Admission("session", None).admit(vouched(is_known=False, sub="u1")))
    assert isinstance(admitted, Identity)
    assert (admitted.client, admitted.credential, admitted.scopes) == ("c1", "session", {"read"})
    assert admitted.claims == {"sub": "u1"}
    assert admitted.record is None


@pytest.mark.parametrize(
    "more",
    [{"status": "disabled"}, {"not_before": 101}, {"revoked_tokens": frozenset(("t1",))}],
)
def test_what_accounts_says_of_the_client_counts(more: dict[str, Any]) -> None:
    known = KnownAccounts(client_record("c1"))
    admission = Admission("session", known, CHALLENGE)
    admitted = now_of(admission.admit(vouched(jti="t1")))
    assert isinstance(admitted, Identity)
    assert admitted.record is known.clients["c1"]
    known.replace(client_record("c1", **more))
    refused = now_of(admission.admit(vouched(jti="t1")))
    assert isinstance(refused, Refusal)
    assert (refused.failure.status, refused.reason, refused.fields) == (401, "session_refused", CHALLENGE)


@pytest.mark.parametrize("token_id", [None, 7, ["t1"], {"t1": 1}])
def test_a_token_id_that_is_no_text_is_no_revoked_one(token_id: Any) -> None:
    """RFC 7519 section 4.1.7: it is a string; whatever an issuer makes of it must not end in a 500."""
    known = KnownAccounts(client_record("c1", revoked_tokens=frozenset(("t1",))))
    claimed = vouched()._replace(claims={"jti": token_id})
    assert isinstance(now_of(Admission("session", known, CHALLENGE).admit(claimed)), Identity)


def test_whom_the_replica_does_not_know_yet_is_asked_about() -> None:
    known = KnownAccounts(standing=Standing.STALE)
    known.elsewhere.append(client_record("c1"))
    admission = Admission("session", known)
    admitted = asyncio.run(later(admission.admit(vouched())))
    assert isinstance(admitted, Identity)
    assert asyncio.run(later(admission.admit(vouched("c2")))).reason == "session_client_unknown"
    known.answers = False
    assert asyncio.run(later(admission.admit(vouched("c3")))).failure.status == 503


def test_what_is_proved_comes_with_its_carrier_and_its_end_at_once_or_later() -> None:
    known = KnownAccounts(client_record("c1"), standing=Standing.STALE)
    known.elsewhere.append(client_record("c2"))
    admission = Admission("session", known)
    proof = now_of(admission.prove(Vouched("c1"), b"cookie", 200.0))
    assert (proof.identity.client, proof.carrier, proof.until) == ("c1", b"cookie", 200.0)
    proof = asyncio.run(later(admission.prove(Vouched("c2"), b"cookie", 200.0)))
    assert (proof.identity.client, proof.carrier, proof.until) == ("c2", b"cookie", 200.0)
    assert asyncio.run(later(admission.prove(Vouched("c3"), b"cookie"))).reason == "session_client_unknown"


def test_an_identity_ends_with_its_client() -> None:
    known = KnownAccounts(client_record("c1"))
    admitted = now_of(Admission("session", known).admit(vouched()))
    assert isinstance(admitted, Identity)
    assert isinstance(now_of(admitted.judge.again(admitted)), Identity)
    known.replace(client_record("c1", status="suspended"))
    refused = now_of(admitted.judge.again(admitted))
    assert isinstance(refused, Refusal)
    assert refused.reason == "session_refused"
    stranger = now_of(Admission("session", None).admit(vouched(is_known=False)))
    assert isinstance(stranger, Identity)
    assert stranger.judge is None, "accounts has no say about it"
