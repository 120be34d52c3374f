"""What control does about tokens, gathered from the filters of all routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.core.token_plans import KeySourcePlan, SigningPlan, TokensPlan
from moongate.filters.authenticate import AuthenticatePlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moongate.compile.snapshot import RoutePlan
    from moongate.config.model_tokens import TokensConfig
    from moongate.filters.jwt_issuer import IssuerPlan


def tokens_plan(settings: TokensConfig, routes: Iterable[RoutePlan]) -> TokensPlan | None:
    """None where no filter of a route has anything to do with tokens."""
    plans = [plan for route in routes for plan in route.filters if isinstance(plan, AuthenticatePlan)]
    issuers = [issuer for plan in plans for issuer in _issuers(plan)]
    sources: dict[str, KeySourcePlan] = {each.source.name: each.source for each in issuers if each.source is not None}
    signing = SigningPlan(settings.issuer, settings.signing_keys, settings.rotate_after)
    has_signing = any(plan.vouches_to for plan in plans)
    if not sources and not has_signing:
        return None
    ordered = tuple(sources[name] for name in sorted(sources))
    return TokensPlan(settings.key_sets, ordered, signing if has_signing else None)


def _issuers(plan: AuthenticatePlan) -> Iterator[IssuerPlan]:
    for method in plan.methods:
        yield from getattr(method, "issuers", ())
