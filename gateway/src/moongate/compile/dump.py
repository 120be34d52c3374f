"""A snapshot as plain values, for people, golden files and pipes. Seconds and bytes; null is no limit."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from moongate.compile.snapshot import UNLIMITED, RoutePlan, ServicePlan, Snapshot

if TYPE_CHECKING:
    from moongate.routing import Match


def dump_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """Everything in ``snapshot`` but its digest, ready for JSON; routes in match order."""
    return {
        "generation": snapshot.generation,
        "listeners": [asdict(listener) for listener in snapshot.listeners],
        "access_log": snapshot.access_log,
        "trusted_proxies": [str(network) for network in snapshot.trusted_proxies],
        "services": {name: _service(service) for name, service in snapshot.services.items()},
        "routes": [dump_route(route) for route in snapshot.routes],
    }


def dump_route(route: RoutePlan) -> dict[str, Any]:
    """One route; its service by name."""
    return {
        "name": route.name,
        **dump_match(route.match),
        "service": route.service.name,
        "max_body": None if route.max_body == UNLIMITED else route.max_body,
    }


def dump_match(match: Match) -> dict[str, Any]:
    """What a route asks; null methods are all methods, a null value is any value."""
    conditions = {
        place: {
            each.name.decode(): None if each.value is None else each.value.decode("utf-8", "replace")
            for each in match.conditions
            if each.place == place
        }
        for place in ("header", "query")
    }
    return {
        "hosts": [str(host) for host in match.hosts],
        "path": match.path.text,
        "methods": None if match.methods is None else sorted(method.decode() for method in match.methods),
        "headers": conditions["header"],
        "query": conditions["query"],
    }


def _service(service: ServicePlan) -> dict[str, Any]:
    return {
        "targets": [asdict(target) for target in service.targets],
        "timeouts": asdict(service.timeouts),
    }
