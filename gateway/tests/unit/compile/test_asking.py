import pytest

from moongate.compile.asking import forward_auth_plan, introspection_plan, opa_plan
from moongate.config.model_forward_auth import ForwardAuthConfig
from moongate.config.model_introspection import IntrospectionConfig
from moongate.config.model_opa import OpaConfig
from moongate.filters.forward_auth import ForwardAuthPlan
from moongate.filters.introspection import Credential, IntrospectionPlan
from moongate.filters.opa import OpaPlan
from moongate.filters.resource import ResourcePlan


def test_an_authorizer() -> None:
    settings = ForwardAuthConfig.model_validate(
        {
            "service": "authz",
            "path": "/verify",
            "request_headers": ["Cookie"],
            "response_headers": ["X-Groups"],
            "client": "X-User",
            "cache": "5s",
        }
    )
    assert forward_auth_plan(settings) == ForwardAuthPlan(
        "authz", "/verify", ("cookie",), ("x-groups",), "x-user", 5.0, 1.0
    )
    plain = ForwardAuthConfig.model_validate({"service": "authz", "path": "/"})
    assert forward_auth_plan(plain) == ForwardAuthPlan("authz", "/", None, (), "", 0.0, 1.0)


def test_a_policy() -> None:
    resource = ResourcePlan("cars", (b"cars",))
    settings = OpaConfig.model_validate({"service": "opa", "path": "/p", "headers": "X-Tenant", "timeout": "200ms"})
    assert opa_plan(settings, resource) == OpaPlan("opa", "/p", ("x-tenant",), 0.2, resource)


def test_a_maker_of_tokens() -> None:
    said = {"service": "idp", "path": "/i", "client_id": "gw", "client_secret": "s", "audience": "api", "client": "sub"}
    settings = IntrospectionConfig.model_validate({**said, "cache": "5s", "known_to_accounts": True})
    issuers = frozenset(("https://a",))
    assert introspection_plan(settings, issuers, has_accounts=True) == IntrospectionPlan(
        "idp", "/i", Credential("gw", "s"), 5.0, 1.0, ("sub",), frozenset(("api",)), is_known=True, others=issuers
    )
    with pytest.raises(ValueError, match="known_to_accounts needs `accounts"):
        introspection_plan(settings, issuers, has_accounts=False)
    settings = IntrospectionConfig.model_validate({"service": "idp", "path": "/i", "token": "mgw_1"})
    plan = introspection_plan(settings, frozenset(), has_accounts=False)
    assert (plan.credential, plan.is_known) == (Credential("", "mgw_1"), False)
