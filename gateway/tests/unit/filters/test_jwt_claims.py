"""Claims, judged one by one: at their edges, of other types, and absent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.tokens import ISSUER, NOW, good_claims
from moongate.filters.jwt_claims import client_of, judge_claims, made_at, scopes_of
from moongate.filters.jwt_form import TokenRefused
from moongate.filters.jwt_issuer import IssuerPlan

PLAN = IssuerPlan(ISSUER, audiences=frozenset(("api", "other")), leeway=30.0)


def judged(plan: IssuerPlan = PLAN, **claims: Any) -> object:
    """Until when it is taken, or why it is not."""
    try:
        return judge_claims(good_claims(**claims), plan, NOW)
    except TokenRefused as refused:
        return str(refused)


def test_a_good_one_is_taken_until_it_ends_by_the_slowest_clock() -> None:
    assert judged() == NOW + 330


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://id.example.com/"}, "jwt_issuer"),
        ({"iss": "HTTPS://id.example.com"}, "jwt_issuer"),
        ({"iss": None}, "jwt_issuer"),
        ({"iss": [ISSUER]}, "jwt_issuer"),
        ({"aud": "API"}, "jwt_audience"),
        ({"aud": "api2"}, "jwt_audience"),
        ({"aud": []}, "jwt_audience"),
        ({"aud": None}, "jwt_audience"),
        ({"aud": {"api": 1}}, "jwt_audience"),
        ({"aud": [["api"]]}, "jwt_audience"),
        ({"exp": None}, "jwt_expired"),
        ({"exp": NOW - 30}, "jwt_expired"),
        ({"exp": 0}, "jwt_expired"),
        ({"exp": -1e300}, "jwt_expired"),
        ({"exp": str(NOW + 300)}, "jwt_malformed"),
        ({"exp": True}, "jwt_malformed"),
        ({"exp": [NOW + 300]}, "jwt_malformed"),
        ({"exp": float("inf")}, "jwt_malformed"),
        ({"nbf": NOW + 31}, "jwt_not_yet"),
        ({"nbf": "soon"}, "jwt_malformed"),
        ({"iat": NOW + 31}, "jwt_not_yet"),
        ({"iat": {}}, "jwt_malformed"),
    ],
)
def test_why_not(claims: dict[str, Any], reason: str) -> None:
    assert judged(**claims) == reason


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"},
        {"aud": ["x", "api"]},
        {"exp": NOW - 29},
        {"exp": NOW + 0.5},
        {"nbf": NOW + 30},
        {"iat": NOW + 30},
        {"iat": None},
        {"nbf": 0},
    ],
)
def test_what_is_good_as_well(claims: dict[str, Any]) -> None:
    assert isinstance(judged(**claims), float)


def test_any_audience_where_that_is_said() -> None:
    plan = IssuerPlan(ISSUER, audiences=None)
    assert isinstance(judged(plan, aud=None), float)
    assert isinstance(judged(plan, aud="whoever"), float)


@pytest.mark.parametrize(
    ("claims", "client"),
    [
        ({"client_id": "a", "azp": "b", "sub": "c"}, "a"),
        ({"azp": "b", "sub": "c"}, "b"),
        ({"client_id": None, "sub": "c"}, "c"),
        ({"sub": "c" * 256}, "c" * 256),
    ],
)
def test_the_client_is_the_first_that_is_named(claims: dict[str, Any], client: str) -> None:
    assert client_of(claims, ("client_id", "azp", "sub")) == client


@pytest.mark.parametrize("client", [None, "", 7, ["a"], "a" * 257, "a\r\nX-Admin: 1", "a\0"])
def test_what_is_no_client(client: Any) -> None:
    with pytest.raises(TokenRefused, match="jwt_client"):
        client_of({"client_id": client}, ("client_id",))


def test_a_name_that_is_none_hides_no_other() -> None:
    with pytest.raises(TokenRefused):
        client_of({"client_id": "", "sub": "c"}, ("client_id", "sub"))


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        ("read write", {"read", "write"}),
        (["read", "write", 7], {"read", "write"}),
        ("", set()),
        (7, set()),
        ({}, set()),
    ],
)
def test_scopes_are_words_or_a_list(said: Any, scopes: set[str]) -> None:
    assert scopes_of({"scp": said}, ("scope", "scp")) == scopes


def test_when_it_was_made() -> None:
    assert made_at({"iat": 5}) == 5.0
    assert made_at({}) == 0.0


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["api", ISSUER, "", "x"])
json_values = plain | st.lists(plain, max_size=2) | st.dictionaries(st.sampled_from("ab"), plain, max_size=1)


@given(st.dictionaries(st.sampled_from(["iss", "aud", "exp", "nbf", "iat", "client_id", "scope"]), json_values))
def test_nothing_but_a_refusal_comes_of_nonsense(claims: dict[str, Any]) -> None:
    """And what is taken has all that was demanded."""
    said = good_claims() | claims
    try:
        until = judge_claims(said, PLAN, NOW)
        scopes_of(said, ("scope",))
    except TokenRefused:
        return
    assert said["iss"] == ISSUER
    assert until > NOW
    assert "api" in said["aud"] or "other" in said["aud"]
