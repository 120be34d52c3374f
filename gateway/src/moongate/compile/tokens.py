"""What control does about tokens, gathered from the filters of all routes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from moongate.compile.logins import logins_plan
from moongate.config.model_accounts import DEFAULT_REPLICA
from moongate.core.token_plans import KeySourcePlan, SigningPlan, TokensPlan
from moongate.filters.authenticate import AuthenticatePlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moongate.compile.snapshot import RoutePlan
    from moongate.config import Config
    from moongate.filters.jwt_issuer import IssuerPlan


def tokens_plan(config: Config, routes: Iterable[RoutePlan]) -> TokensPlan | None:
    """None where no filter of a route has anything to do with tokens."""
    settings = config.tokens
    replica = Path(DEFAULT_REPLICA if config.accounts is None else config.accounts.replica)
    key_sets = settings.key_sets or str(replica.with_suffix(".key_sets.json"))
    signing_keys = settings.signing_keys or str(replica.with_suffix(".signing_keys.json"))
    plans = [plan for route in routes for plan in route.filters if isinstance(plan, AuthenticatePlan)]
    issuers = [issuer for plan in plans for issuer in _issuers(plan)]
    sources: dict[str, KeySourcePlan] = {each.source.name: each.source for each in issuers if each.source is not None}
    signing = SigningPlan(settings.issuer, signing_keys, settings.rotate_after)
    has_signing = any(plan.vouches_to for plan in plans)
    session_keys = settings.session_keys or str(replica.with_suffix(".session_keys.json"))
    logins = logins_plan(config, session_keys)
    if not sources and not has_signing:
        return None
    ordered = tuple(sources[name] for name in sorted(sources))
    return TokensPlan(key_sets, ordered, signing if has_signing else None, logins)


def _issuers(plan: AuthenticatePlan) -> Iterator[IssuerPlan]:
    for method in plan.methods:
        yield from getattr(method, "issuers", ())
