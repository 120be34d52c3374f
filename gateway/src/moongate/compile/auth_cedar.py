"""The plan of policies in Cedar: read once here, so that a mistake is told before anybody serves it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from moongate.filters.cedar import CedarPlan, read_policies

if TYPE_CHECKING:
    from moongate.config.model_cedar import CedarConfig
    from moongate.filters.resource import ResourcePlan


def cedar_plan(settings: CedarConfig, resource: ResourcePlan | None) -> CedarPlan:
    """For a route about ``resource``, if it says one. Raises ValueError for what can not work."""
    headers = tuple(name.lower() for name in settings.headers)
    return CedarPlan(settings.policies, _count(settings.policies), headers, resource)


@functools.lru_cache(16)  # a filter of 10,000 routes is compiled as often
def _count(text: str) -> int:
    policies = read_policies(text).to_pst().static_policies
    if not policies:
        raise ValueError("cedar: `policies` holds none, so nothing would ever be permitted")
    return len(policies)
