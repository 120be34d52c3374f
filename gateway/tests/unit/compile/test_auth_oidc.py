"""What is said of logins, compiled: what ID tokens must be, and where a login ends."""

from __future__ import annotations

from typing import Any

import pytest

from moongate.compile.auth_oidc import oidc_plan
from moongate.config.model_auth_oidc import OidcConfig
from moongate.core.token_plans import KeySourcePlan

GOOD = {"issuer": "https://id.example.com", "client_id": "app", "client_secret": "hush"}


def settings(**more: Any) -> OidcConfig:
    return OidcConfig.model_validate({**GOOD, **more})


def test_an_id_token_is_for_this_client_alone() -> None:
    plan = oidc_plan(settings(algorithms="EdDSA", leeway="5s", client=["email", "sub"]), has_accounts=False)
    assert plan.issuer.source == KeySourcePlan("https://id.example.com")
    assert plan.issuer.audiences == {"app"}
    assert plan.issuer.types == {"", "jwt"}
    assert (plan.issuer.algorithms, plan.issuer.leeway) == ({"EdDSA"}, 5.0)
    assert plan.issuer.client_claims == ("email", "sub")
    assert not plan.issuer.is_known


def test_the_rest_is_what_was_said() -> None:
    said = {"callback": "/cb", "logout": "/out", "after_logout": "/bye", "session": "30m", "claims": ["groups"]}
    plan = oidc_plan(settings(scopes=["openid", "email"], **said), has_accounts=False)
    assert (plan.callback, plan.logout, plan.after_logout) == ("/cb", "/out", "/bye")
    assert (plan.session_seconds, plan.claims, plan.scopes) == (1800.0, ("groups",), ("openid", "email"))
    assert not plan.allows_http
    there = oidc_plan(settings(issuer="http://id.internal", allow_http=True), has_accounts=False)
    assert there.allows_http
    assert there.issuer.source is not None
    assert there.issuer.source.allows_http


def test_no_plan_knows_the_secret() -> None:
    assert "hush" not in repr(oidc_plan(settings(), has_accounts=False))


def test_clients_that_accounts_must_know_need_one() -> None:
    assert oidc_plan(settings(known_to_accounts=True), has_accounts=True).issuer.is_known
    with pytest.raises(ValueError, match="known_to_accounts needs `accounts"):
        oidc_plan(settings(known_to_accounts=True), has_accounts=False)
