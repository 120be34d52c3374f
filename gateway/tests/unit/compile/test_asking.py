from moongate.compile.asking import forward_auth_plan, opa_plan
from moongate.config.model_forward_auth import ForwardAuthConfig
from moongate.config.model_opa import OpaConfig
from moongate.filters.forward_auth import ForwardAuthPlan
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
