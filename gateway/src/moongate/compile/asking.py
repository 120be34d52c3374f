"""The plans of what asks a service about requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.filters.forward_auth import ForwardAuthPlan
from moongate.filters.introspection import Credential, IntrospectionPlan
from moongate.filters.opa import OpaPlan

if TYPE_CHECKING:
    from moongate.config.model_forward_auth import ForwardAuthConfig
    from moongate.config.model_introspection import IntrospectionConfig
    from moongate.config.model_opa import OpaConfig
    from moongate.filters.resource import ResourcePlan


def forward_auth_plan(settings: ForwardAuthConfig) -> ForwardAuthPlan:
    """As ``settings`` have it; that there is such a service was judged before."""
    sent = settings.request_headers
    return ForwardAuthPlan(
        service=settings.service,
        path=settings.path,
        sent=None if sent is None else tuple(name.lower() for name in sent),
        taken=tuple(name.lower() for name in settings.response_headers),
        client=(settings.client or "").lower(),
        cache=settings.cache,
        timeout=settings.timeout,
    )


def opa_plan(settings: OpaConfig, resource: ResourcePlan | None) -> OpaPlan:
    """For a route about ``resource``, if it says one."""
    headers = tuple(name.lower() for name in settings.headers)
    return OpaPlan(settings.service, settings.path, headers, settings.timeout, resource)


def introspection_plan(
    settings: IntrospectionConfig, issuers: frozenset[str], *, has_accounts: bool
) -> IntrospectionPlan:
    """``issuers`` are those whose JWTs stand in the same list. Raises ValueError for what can not work."""
    if settings.known_to_accounts and not has_accounts:
        raise ValueError("known_to_accounts needs `accounts: {url: ..., token: ...}` at the top of the config")
    return IntrospectionPlan(
        service=settings.service,
        path=settings.path,
        credential=Credential(
            settings.client_id or "",
            settings.client_secret or settings.token or "",
            is_posted=settings.token is None and settings.auth_method == "client_secret_post",
        ),
        cache=settings.cache,
        timeout=settings.timeout,
        clients=settings.client,
        audiences=frozenset(settings.audience),
        is_known=settings.known_to_accounts,
        others=issuers,
    )
