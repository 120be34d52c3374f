"""The plans of ``authenticate`` and ``authorize``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.compile.asking import introspection_plan, opa_plan
from moongate.compile.auth_basic import basic_plan
from moongate.compile.auth_cedar import cedar_plan
from moongate.compile.auth_mtls import mtls_plan
from moongate.filters.api_key import ApiKeyPlan
from moongate.filters.authenticate import AuthenticatePlan
from moongate.filters.authorize import AuthorizePlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from moongate.config.model_auth import AuthenticateConfig, AuthorizeConfig, MethodConfig
    from moongate.filters.authenticate import MethodPlan
    from moongate.filters.resource import ResourcePlan


_NO_ACCOUNTS: Final = "needs `accounts: {url: ..., token: ...}` at the top of the config"


def authenticate_plan(
    settings: AuthenticateConfig, service: str, accounts: str | None, *, verifies_clients: bool
) -> AuthenticatePlan:
    """For routes to ``service``; ``accounts`` is the URL of accounts, if there is one, and ``verifies_clients`` says
    that some listener asks for certificates. Raises ValueError for a method that can not work."""
    return AuthenticatePlan(
        tuple(_methods(settings.methods, accounts, verifies_clients)),
        allows_anonymous=settings.anonymous == "allow",
        forwards=settings.forward_credentials,
        has_fields=settings.forward_identity != "token",
        vouches_to="" if settings.forward_identity == "headers" else service,
    )


def _methods(settings: Sequence[MethodConfig], accounts: str | None, verifies_clients: bool) -> Iterator[MethodPlan]:
    """One plan for each kind, where it is first named: tokens are told apart by their issuer, not by trying."""
    tokens = [method.jwt for method in settings if method.jwt is not None]
    issuers = frozenset(token.issuer or accounts or "" for token in tokens)
    for method in settings:
        if method.introspection is not None:
            yield introspection_plan(method.introspection, issuers, has_accounts=accounts is not None)
        elif method.jwt is None:
            yield _method(method, accounts, verifies_clients)
        elif method.jwt is tokens[0]:
            from moongate.compile.auth_jwt import jwt_plan  # joserfc takes 0.1 s, which others need not bear

            yield jwt_plan(tokens, accounts)


def _method(settings: MethodConfig, accounts: str | None, verifies_clients: bool) -> MethodPlan:
    if settings.basic is not None:
        return basic_plan(settings.basic, has_accounts=accounts is not None)
    if settings.mtls is not None:
        return mtls_plan(settings.mtls, has_accounts=accounts is not None, verifies_clients=verifies_clients)
    if settings.hmac is not None:
        from moongate.compile.auth_hmac import hmac_plan  # cryptography takes 10 MB, which others need not bear

        return hmac_plan(settings.hmac, has_accounts=accounts is not None)
    if settings.oidc is not None:
        from moongate.compile.auth_oidc import oidc_plan  # joserfc again

        return oidc_plan(settings.oidc, has_accounts=accounts is not None)
    if accounts is None:
        raise ValueError(f"api_key looks keys up in what accounts says, and {_NO_ACCOUNTS}")
    assert settings.api_key is not None
    query = (settings.api_key.query or "").encode("utf-8")
    return ApiKeyPlan(settings.api_key.header.lower().encode("ascii"), query)


def authorize_plan(settings: AuthorizeConfig, resource: ResourcePlan | None, *, has_accounts: bool) -> AuthorizePlan:
    """Raises ValueError where there is nothing that grants could be asked about, or nobody who says them."""
    if settings.asks_grants and not has_accounts:
        raise ValueError(
            f"grants are what accounts says, and that {_NO_ACCOUNTS}; or write authorize: {{grants: false, ...}}"
        )
    if settings.asks_grants and resource is None:
        raise ValueError(
            "the route has no `resource` that a grant could be about: give it one, as in inventory/{kind}/{id?}, or "
            "write authorize: {grants: false, scopes: [...]}"
        )
    return AuthorizePlan(
        resource if settings.asks_grants else None,
        frozenset(settings.scopes),
        tuple((name, frozenset(values)) for name, values in settings.claims.items()),
        None if settings.opa is None else opa_plan(settings.opa, resource),
        None if settings.cedar is None else cedar_plan(settings.cedar, resource),
    )
