"""The plans of filters that ask a service about requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.filters.forward_auth import ForwardAuthPlan
from moongate.filters.opa import OpaPlan

if TYPE_CHECKING:
    from moongate.config.model_forward_auth import ForwardAuthConfig
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
