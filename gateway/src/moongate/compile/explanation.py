"""A decision with its reasons, ready for JSON: what `moongate explain` prints, offline or live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moongate.compile.offline import Decision, Request, decide, near_misses
from moongate.core.errors import ROUTE_NOT_FOUND
from moongate.filters import Tools

if TYPE_CHECKING:
    from moongate.compile.snapshot import RoutePlan, ServicePlan, Snapshot
    from moongate.core.exchange import Identity
    from moongate.routing import Verdict


def explain(
    snapshot: Snapshot, request: Request, tools: Tools | None = None, identity: Identity | None = None
) -> dict[str, Any]:
    """The decision, what each filter says with ``tools`` (without any where absent), for ``identity`` where one is
    given, and every route considered. Raise ValueError where ``request`` cannot be written down as one."""
    decision = decide(snapshot, request, tools or Tools(), identity)
    head, route, failure = decision.head, decision.route, decision.failure
    verdicts = snapshot.router.explain(head) if head is not None and not decision.itself else []
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "host": head.section.host.decode("latin-1") if head else None,
            "path": head.path.decode("latin-1") if head else None,
        },
        "itself": decision.itself or None,
        "route": route.name if route else None,
        "service": route.service.name if route else None,
        "targets": _targets(route.service) if route else [],
        "parameters": route.pattern.capture(head.path) if route and head else {},
        "status": failure.status if failure else None,
        "code": failure.code if failure else None,
        "reason": decision.reason,
        "filters": [step._asdict() for step in decision.passage.steps] if decision.passage else [],
        "is_decided": decision.passage.is_decided if decision.passage else True,
        "near_misses": _near_misses(snapshot, decision),
        "allowed": [method.decode("latin-1") for method in decision.allowed],
        "considered": [_considered(verdict) for verdict in verdicts],
    }


def _targets(service: ServicePlan) -> list[str]:
    found = [f"{name.url} ({'SRV records' if name.is_srv else 'every address'} in DNS)" for name in service.names]
    return [*(target.url for target in service.targets), *found]


def _near_misses(snapshot: Snapshot, decision: Decision) -> list[dict[str, str]]:
    if decision.head is None or decision.failure is not ROUTE_NOT_FOUND:
        return []
    return [{"path": path.decode("ascii"), "route": route.name} for path, route in near_misses(snapshot, decision.head)]


def _considered(verdict: Verdict[RoutePlan]) -> dict[str, Any]:
    return {
        "route": verdict.target.name,
        "path": verdict.target.pattern.text,
        "won": verdict.won,
        "lost_by": verdict.by or None,
        "reason": verdict.reason,
    }
