"""What the admin API tells of the running gateway, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moongate.compile.dump import dump_route, dump_snapshot
from moongate.control.exposition import Exposition, Now

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from moongate.compile import Snapshot
    from moongate.config import Problem
    from moongate.control.reload import Event, Reloader
    from moongate.control.supervisor import Supervisor
    from moongate.upstream.state import TargetState


async def metrics_of(reloader: Reloader, supervisor: Supervisor) -> Exposition:
    """Every metric as of now, as far as workers answer within a second."""
    await supervisor.count()
    targets = await supervisor.inspect()
    now = Now(
        reloader.serving.generation,
        dict(reloader.results),
        supervisor.restarts,
        tuple(supervisor.workers),
        targets,
        reloader.accounts_age(),
        reloader.accounts_questions(),
        reloader.key_sets(),
    )
    return Exposition(supervisor.tally, now)


def routes_of(snapshot: Snapshot) -> dict[str, Any]:
    """Every route in match order."""
    return {"generation": snapshot.generation, "routes": [dump_route(route) for route in snapshot.routes]}


def config_of(reloader: Reloader) -> dict[str, Any]:
    """What is served, and what was refused last."""
    snapshot = reloader.serving
    return {
        "generation": snapshot.generation,
        "digest": snapshot.digest,
        "serving_since": reloader.since,
        "last_refused": _refused(reloader.last_refused),
        "config": dump_snapshot(snapshot),
    }


def services_of(snapshot: Snapshot, states: Iterable[TargetState], drained: Collection[str]) -> dict[str, Any]:
    """Every service with its targets: their numbers summed over the workers."""
    services: dict[str, dict[str, dict[str, Any]]] = {}
    for name, plan in snapshot.services.items():
        services[name] = {target.url: _target(target.url, target.weight) for target in plan.targets}
    for state in states:
        target = services.setdefault(state.service, {}).setdefault(state.url, _target(state.url, None))
        for field in ("connections", "idle", "in_flight", "waiting", "failures"):
            target[field] += getattr(state, field)
        if state.is_up is not None:
            target["up"] = bool(target["up"]) or state.is_up
    for targets in services.values():
        for url, target in targets.items():
            target["drained"] = url in drained
    return {
        "generation": snapshot.generation,
        "services": [{"name": name, "targets": list(targets.values())} for name, targets in services.items()],
    }


def problem_of(problem: Problem, *, with_excerpt: bool) -> dict[str, Any]:
    """One problem of a config. Its excerpt is a line of the file, for whoever may change it."""
    told = {"source": problem.source, "line": problem.line, "col": problem.col, "message": problem.message}
    told["code"] = problem.code
    return {**told, "excerpt": problem.excerpt} if with_excerpt else told


def _target(url: str, weight: int | None) -> dict[str, Any]:
    numbers = dict.fromkeys(("connections", "idle", "in_flight", "waiting", "failures"), 0)
    return {"url": url, "weight": weight, "up": None, "drained": False, **numbers}


def _refused(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    problems = [problem_of(each, with_excerpt=False) for each in event.problems]
    return {"at": event.at, "why": event.why, "problems": problems}
