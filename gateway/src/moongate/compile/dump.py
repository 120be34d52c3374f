"""A snapshot as plain values, for people, golden files and pipes. Seconds and bytes; null is no limit."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from moongate.compile.snapshot import UNLIMITED, AdminPlan, RoutePlan, ServicePlan, Snapshot

if TYPE_CHECKING:
    from moongate.core.plans import TargetPlan
    from moongate.core.token_plans import TokensPlan
    from moongate.filters import FilterPlan
    from moongate.routing import Match

_HIDDEN: Final = "(hidden)"


def dump_snapshot(snapshot: Snapshot, *, with_secrets: bool = False) -> dict[str, Any]:
    """Everything in ``snapshot`` but its digest, ready for JSON; routes in match order.

    A value that was put into the config from outside is shown as it was written there, unless ``with_secrets``.
    """
    return {
        "generation": snapshot.generation,
        "listeners": [asdict(listener) for listener in snapshot.listeners],
        "access_log": snapshot.access_log,
        "limits": asdict(snapshot.limits),
        "drain": asdict(snapshot.drain),
        "admin": _admin(snapshot.admin, with_secrets),
        "reload": {"guard": asdict(snapshot.guard) if snapshot.guard is not None else None},
        **_accounts(snapshot, with_secrets),
        **({} if snapshot.tokens is None else {"tokens": _tokens(snapshot.tokens, with_secrets)}),
        "trusted_proxies": [str(network) for network in snapshot.trusted_proxies],
        "services": {name: _service(service) for name, service in snapshot.services.items()},
        "routes": [dump_route(route, with_secrets=with_secrets) for route in snapshot.routes],
    }


def dump_route(route: RoutePlan, *, with_secrets: bool = False) -> dict[str, Any]:
    """One route; its service by name."""
    return {
        "name": route.name,
        **_match(route.match, with_secrets),
        "service": route.service.name,
        "max_body": None if route.max_body == UNLIMITED else route.max_body,
        "upgrade": sorted(name.decode() for name in route.upgrades),
        "priority": route.priority.name.lower(),
        **({"filters": [_filter(plan, with_secrets) for plan in route.filters]} if route.filters else {}),
    }


def _filter(plan: FilterPlan, with_secrets: bool) -> dict[str, Any]:
    hidden = getattr(plan, "hidden", None) if with_secrets else None
    return {plan.kind: plan.describe(), **({} if hidden is None else {"hidden": repr(hidden)})}


def _accounts(snapshot: Snapshot, with_secrets: bool) -> dict[str, Any]:
    """Nothing where the config names none."""
    if snapshot.accounts is None:
        return {}
    shown = asdict(snapshot.accounts)
    if not with_secrets:
        shown["token"] = _HIDDEN
    return {"accounts": shown}


def _tokens(tokens: TokensPlan, with_secrets: bool) -> dict[str, Any]:
    """Nothing of logins where there are none."""
    shown = asdict(tokens)
    if tokens.logins is None:
        del shown["logins"]
    elif not with_secrets:
        shown["logins"]["secrets"] = [_HIDDEN for _ in tokens.logins.secrets]
        for provider in shown["logins"]["providers"]:
            provider["client_secret"] = _HIDDEN
    return shown


def _admin(admin: AdminPlan | None, with_secrets: bool) -> dict[str, Any] | None:
    """The token is not shown however it was written: whoever may read this need not be who may change things."""
    if admin is None:
        return None
    shown = admin.token if with_secrets or admin.token is None else "***"
    return {"host": admin.host, "port": admin.port, "token": shown}


def _match(match: Match, with_secrets: bool) -> dict[str, Any]:
    """What a route asks; null methods are all methods, a null value is any value."""
    conditions: dict[str, dict[str, str | None]] = {"header": {}, "query": {}}
    for each in match.conditions:
        value = None if each.value is None else each.value.decode("utf-8", "replace")
        conditions[each.place][each.name.decode()] = value if with_secrets or each.written is None else each.written
    return {
        "hosts": [str(host) for host in match.hosts],
        "path": match.path.text,
        "methods": None if match.methods is None else sorted(method.decode() for method in match.methods),
        "headers": conditions["header"],
        "query": conditions["query"],
    }


def _service(service: ServicePlan) -> dict[str, Any]:
    return {
        "targets": [_target(target) for target in service.targets],
        **({"names": [asdict(name) for name in service.names]} if service.names else {}),
        "timeouts": asdict(service.timeouts),
        "tls": asdict(service.tls),
    }


def _target(target: TargetPlan) -> dict[str, Any]:
    return {key: getattr(target, key) for key in ("url", "host", "port", "tls", "weight")}
