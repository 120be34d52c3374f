from moongate.compile.asking import forward_auth_plan
from moongate.config.model_forward_auth import ForwardAuthConfig
from moongate.filters.forward_auth import ForwardAuthPlan


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
