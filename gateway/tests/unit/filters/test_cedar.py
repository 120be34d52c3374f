"""Policies in Cedar by cedarpy itself: what they are told, and what follows from what they say."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.exchanges import exchange_of
from gateway_harness.known_accounts import client_record
from moongate.core.exchange import Exchange, Identity
from moongate.filters import Tools
from moongate.filters.authorize import AuthorizePlan
from moongate.filters.cedar import Cedar, CedarPlan, expressible
from moongate.filters.resource import ResourcePlan
from moongate.stores.records import Grant

RESOURCE = ResourcePlan("inventory/{kind}/{id?}", (b"inventory", 1, 2), ((b"POST", "book"),))
READERS = """@id("readers") permit (principal, action == Action::"read", resource in Resource::"inventory/cars");"""


def asked(by: Identity | None, target: bytes = b"/api/cars/7", method: bytes = b"GET", *lines: bytes) -> Exchange:
    exchange = exchange_of(*lines, target=target, method=method)
    exchange.identity = by
    return exchange


def ada(claims: dict[str, Any] | None = None, *scopes: str) -> Identity:
    return Identity("ada", "jwt", frozenset(scopes), claims)


def verdict(policies: str, exchange: Exchange, *headers: str) -> str:
    """The reason of a refusal, or nothing."""
    refused = Cedar(CedarPlan(policies, 1, headers, RESOURCE), None)(exchange)
    return "" if refused is None else f"{refused.failure.status} {refused.reason}"


def test_actions_and_resources_are_those_of_grants() -> None:
    assert verdict(READERS, asked(ada())) == ""
    assert verdict(READERS, asked(ada(), b"/api/cars")) == ""
    assert verdict(READERS, asked(ada(), b"/api/vans/7")) == "403 cedar_denied"
    assert verdict(READERS, asked(ada(), b"/api/cars/7", b"PUT")) == "403 cedar_denied"
    exact = """permit (principal, action == Action::"book", resource == Resource::"inventory/cars/7");"""
    assert verdict(exact, asked(ada(), method=b"POST")) == ""
    assert verdict(exact, asked(ada(), b"/api/cars/77", b"POST")) == "403 cedar_denied"


def test_the_client_is_the_principal_whatever_it_is_called() -> None:
    policy = """permit (principal == Client::"ada", action, resource);"""
    assert verdict(policy, asked(ada())) == ""
    assert verdict(policy, asked(Identity("eve", "api_key"))) == "403 cedar_denied"
    assert verdict(policy, asked(Identity('ada", Client::"', "api_key"))) == "403 cedar_denied"
    assert verdict(policy, asked(None)) == "401 cedar_denied"
    assert verdict("""permit (principal == Anonymous::"anonymous", action, resource);""", asked(None)) == ""


def test_conditions_see_the_rest_of_the_request() -> None:
    policy = """permit (principal, action, resource) when {
        context.scopes.contains("stock") && context.claims.tier == "gold" && context.query.day == ["mon", "tue"]
        && context.headers["x-tenant"] == "north" && context.segments == ["api", "cars", "7"]
        && context.host == "a.test"
    };"""
    target = b"/api/cars/7?day=mon&day=tue"
    gold = ada({"tier": "gold"}, "stock")
    # A list is a set, so its order says nothing.
    assert verdict(policy, asked(gold, target, b"GET", b"X-Tenant: north"), "x-tenant") == ""
    assert verdict(policy, asked(gold, target, b"GET", b"X-Tenant: south"), "x-tenant") == "403 cedar_denied"
    assert verdict(policy, asked(ada({"tier": "gold"}), target, b"GET", b"X-Tenant: north"), "x-tenant").startswith(
        "403"
    )


def test_what_forbids_outweighs_what_permits() -> None:
    policies = READERS + """forbid (principal, action, resource) when { context.claims has suspended };"""
    assert verdict(policies, asked(ada())) == ""
    assert verdict(policies, asked(ada({"suspended": True}))) == "403 cedar_denied"


def test_a_policy_that_fails_permits_nothing() -> None:
    """Cedar would pass over it, and it may have been the one that forbids."""
    policies = READERS + """forbid (principal, action, resource) when { context.claims.suspended };"""
    assert verdict(policies, asked(ada())) == "403 cedar_error"
    assert verdict(policies, asked(ada({"suspended": False}))) == ""


def test_a_token_can_not_speak_for_an_entity() -> None:
    policies = (
        READERS
        + """forbid (principal, action, resource) when {
        context.claims has owner && context.claims.owner == Client::"ada"
    };"""
    )
    claims = {"owner": {"__entity": {"type": "Client", "id": "ada"}}}
    assert verdict(policies, asked(ada(claims))) == ""
    assert verdict(READERS, asked(ada({"__extn": {"fn": "ip", "arg": "x"}, "odd": [None, 1.5, 1 << 70, "a"]}))) == ""


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(st.dictionaries(st.text(max_size=9) | st.just("__entity") | st.just("__extn"), _JSON, max_size=4))
def test_whatever_a_token_claims_the_policies_decide(claims: dict[str, Any]) -> None:
    assert verdict(READERS, asked(ada(claims))) == ""
    assert verdict(READERS, asked(ada(claims), b"/api/vans")) == "403 cedar_denied"


def test_what_has_no_words_is_left_out() -> None:
    said = {"a": None, "b": 1.5, "c": [1, None, True], "d": {"__x": 1, "y": "z"}, "e": 2**63, "f": -(2**63)}
    assert expressible(said) == {"c": [1, True], "d": {"y": "z"}, "f": -(2**63)}


def test_it_is_asked_behind_scopes_and_grants() -> None:
    cedar = CedarPlan(READERS, 1, (), RESOURCE)
    step = AuthorizePlan(RESOURCE, frozenset(("stock",)), cedar=cedar).bind(Tools())
    known = ada(None, "stock")
    known.record = client_record(grants=(Grant("inventory/**", ("*",)),))
    poor = ada(None, "stock")
    poor.record = client_record(grants=())

    def reason(exchange: Exchange) -> str | None:
        refused = step(exchange)
        return None if refused is None else refused.reason  # type: ignore[union-attr]

    assert reason(asked(ada())) == "scope_missing"
    assert reason(asked(poor)) == "no_grant"
    assert reason(asked(known, b"/api/vans/7")) == "cedar_denied"
    assert reason(asked(known)) is None


def test_why_names_the_policy() -> None:
    policies = READERS + """forbid (principal, action, resource) when { context.claims has suspended };"""
    plan = AuthorizePlan(None, cedar=CedarPlan(policies, 2, (), RESOURCE))
    assert plan.why(asked(ada()), 0) == "readers permits it"
    assert plan.why(asked(ada({"suspended": 1})), 0) == "policy1 forbids it"
    assert plan.why(asked(ada(), b"/api/vans"), 0) == "no policy permits it"
    scoped = AuthorizePlan(None, frozenset(("stock",)), cedar=CedarPlan(policies, 2, (), RESOURCE))
    assert scoped.why(asked(ada()), 0) == "the credential has not the scope stock"


def test_other_policies_are_another_config() -> None:
    plans = [AuthorizePlan(None, cedar=CedarPlan(text, 1)) for text in (READERS, READERS.replace("read", "book"))]
    assert plans[0] != plans[1]
    assert plans[0].describe() == plans[1].describe() == {"resource": None, "cedar": {"policies": 1}}
    assert plans[0].hidden != plans[1].hidden
    assert "permit" not in repr(plans[0])


def test_without_the_library_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cedarpy", None)
    with pytest.raises(ValueError, match=r"pip install cedarpy"):
        AuthorizePlan(None, cedar=CedarPlan(READERS, 1)).bind(Tools())
