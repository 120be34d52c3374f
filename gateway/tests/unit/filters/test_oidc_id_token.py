"""ID tokens one by one; what a login makes of them is in test_oidc_callback."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway_harness.held_logins import SIGNER, HeldLogins
from gateway_harness.tokens import Signer, good_claims, key_set
from moongate.filters.jwt_form import TokenRefused
from moongate.filters.oidc_id_token import IdTokens, KeysUnavailable


def verify(logins: HeldLogins, text: str, nonce: str | None = "n") -> dict[str, Any]:
    tokens = IdTokens(logins.plan.issuer, "app", logins.key_sets, lambda: logins.now)
    return asyncio.run(tokens.verify(text, nonce))


def test_what_it_claims_is_believed() -> None:
    logins = HeldLogins()
    assert verify(logins, logins.id_token(nonce="n"))["sub"] == "ada"
    assert verify(logins, logins.id_token(nonce=None), None)["sub"] == "ada"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "application/jwt", None])
def test_types_of_id_tokens(typ: str | None) -> None:
    logins = HeldLogins()
    claims = good_claims(aud="app", nonce="n")
    assert verify(logins, SIGNER.token(claims, {"typ": typ}).decode())["aud"] == "app"


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt"])
def test_another_kind_of_token_is_none(typ: str) -> None:
    logins = HeldLogins()
    with pytest.raises(TokenRefused, match="jwt_typ"):
        verify(logins, SIGNER.token(good_claims(aud="app", nonce="n"), {"typ": typ}).decode())


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "PS256"}, {"jku": "https://evil"}])
def test_the_algorithm_is_ours_to_say(header: dict[str, Any]) -> None:
    logins = HeldLogins()
    with pytest.raises(TokenRefused, match="jwt_alg"):
        verify(logins, SIGNER.token(good_claims(aud="app", nonce="n"), {"typ": "JWT", **header}).decode())


def test_a_new_key_is_waited_for() -> None:
    logins = HeldLogins()
    logins.signer = Signer(kid="k2")
    logins.key_sets.coming["https://id.example.com"] = key_set(SIGNER, logins.signer)
    assert verify(logins, logins.id_token(nonce="n"))["sub"] == "ada"
    assert logins.key_sets.waits == 1


def test_a_key_that_nobody_can_look_for_is_nobodys_fault() -> None:
    logins = HeldLogins()
    logins.key_sets.drop("https://id.example.com")
    logins.key_sets.is_quiet = True
    with pytest.raises(KeysUnavailable):
        verify(logins, logins.id_token(nonce="n"))
