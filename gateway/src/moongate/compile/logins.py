"""Logins as the whole config has them: providers with their secrets for control, and what is said twice of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.compile.filters import filter_uses
from moongate.core.login_plans import LoginsPlan, ProviderPlan
from moongate.filters.authenticate import AuthenticatePlan
from moongate.filters.oidc_plan import OidcPlan
from moongate.filters.session_cookies import SessionCookiesPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moongate.compile.snapshot import RoutePlan
    from moongate.config import Config
    from moongate.config.model_auth_oidc import OidcConfig
    from moongate.config.problem import Loc
    from moongate.filters import FilterPlan


def login_settings(config: Config) -> Iterator[tuple[Loc, OidcConfig]]:
    """All that routes say of logins, each once, with the place where it stands."""
    seen: set[Loc] = set()
    for index in range(len(config.routes)):
        for loc, settings in filter_uses(config, index):
            if settings.authenticate is None or loc in seen:
                continue
            seen.add(loc)
            for number, method in enumerate(settings.authenticate.methods):
                if method.oidc is not None:
                    yield (*loc, "authenticate", "methods", number, "oidc"), method.oidc


def judge_logins(config: Config) -> Iterator[tuple[Loc, str, Loc]]:
    """What can not work together: place, message, and the place of what it collides with."""
    providers: dict[tuple[str, str], tuple[Loc, OidcConfig]] = {}
    paths: dict[str, tuple[Loc, tuple[str, str]]] = {}
    for loc, settings in login_settings(config):
        provider = settings.issuer, settings.client_id
        there, other = providers.setdefault(provider, (loc, settings))
        if other != settings:
            message = (
                f"logins of {settings.client_id} at {settings.issuer} stand at two places and differ: say all of them "
                "once under `filters` at the top, and name that in the routes"
            )
            yield loc, message, there
            continue
        for path in (settings.callback, settings.logout):
            before, owner = paths.setdefault(path, (loc, provider))
            if owner != provider:
                message = (
                    f"{path} is a path of other logins already: give these a `callback` and a `logout` of their own"
                )
                yield loc, message, before


def logins_plan(config: Config, keys: str) -> LoginsPlan | None:
    """What control does, with a file of ``keys``; None where nobody logs in."""
    providers = {
        (each.issuer, each.client_id): ProviderPlan(
            each.issuer, each.client_id, each.client_secret, each.callback, each.logout
        )
        for _, each in login_settings(config)
    }
    if not providers:
        return None
    return LoginsPlan(keys, config.tokens.session_secrets, tuple(providers[each] for each in sorted(providers)))


def keeping_cookies(plan: RoutePlan) -> tuple[FilterPlan, ...]:
    """The filters of a route in a config with logins: its own, and where it need not hand on credentials the one that
    has the gateway's cookies stay here."""
    forwards = any(
        isinstance(each, AuthenticatePlan) and each.forwards and any(isinstance(how, OidcPlan) for how in each.methods)
        for each in plan.filters
    )
    return plan.filters if forwards else (SessionCookiesPlan(), *plan.filters)
