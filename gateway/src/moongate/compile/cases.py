"""Cases run against a snapshot: no sockets, some 50 us each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from moongate.compile.difference import outcome
from moongate.compile.offline import Decision, Request, decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moongate.compile.snapshot import Snapshot
    from moongate.config import Problem
    from moongate.config.cases import CaseConfig, Cases, ExpectConfig


class CaseResult(NamedTuple):
    """One case, run. ``problems`` are empty where it passed; ``route`` is the one that took the request, if any."""

    name: str
    problems: tuple[Problem, ...]
    route: str | None


def run_cases(cases: Cases, snapshot: Snapshot) -> Iterator[CaseResult]:
    """Every case, in the order of the file."""
    for index in range(len(cases.config.cases)):
        yield run_case(cases, index, snapshot)


def run_case(cases: Cases, index: int, snapshot: Snapshot) -> CaseResult:
    """The case at ``index``."""
    case = cases.config.cases[index]
    name = case.name or case.request
    try:
        decision = decide(snapshot, _request(case))
    except ValueError as error:
        return CaseResult(name, (cases.problem(("cases", index, "request"), f"{name}: {error}"),), None)
    route = None if decision.route is None else decision.route.name
    problems = tuple(
        cases.problem(("cases", index, "expect", key), f"{name}: {message}")
        for key, message in _differences(case.expect, decision)
    )
    return CaseResult(name, problems, route)


def _request(case: CaseConfig) -> Request:
    method, _, url = case.request.partition(" ")
    return Request(method, url.strip(), tuple(case.headers.items()))


def _differences(expect: ExpectConfig, decision: Decision) -> Iterator[tuple[str, str]]:
    """Keys of ``expect`` that do not hold, each with what was found instead."""
    route, failure, head = decision.route, decision.failure, decision.head
    asks_for_answer = expect.status is not None or expect.code is not None
    if failure is not None and not asks_for_answer and (expect.route or expect.service):
        key = "route" if expect.route else "service"
        yield key, f"expected {key} {getattr(expect, key)!r}, but it ends in {outcome(decision)}"
        return
    found = {
        "route": route.name if route else None,
        "service": route.service.name if route else None,
        "parameters": route.pattern.capture(head.path) if route and head else None,
        "path": head.path.decode("ascii") if head else None,
        "status": failure.status if failure else None,
        "code": failure.code if failure else None,
        "allow": sorted(method.decode("ascii") for method in decision.allowed) if failure else None,
    }
    for key, actual in found.items():
        wanted = getattr(expect, key)
        if key == "allow" and wanted is not None:
            wanted = sorted(wanted)
        if wanted is not None and wanted != actual:
            yield key, f"expected {key} {wanted!r}, but it ends in {outcome(decision)}" + _instead(key, actual)


def _instead(key: str, actual: object) -> str:
    """What the outcome does not say by itself."""
    return f", {key} {actual!r}" if key in ("parameters", "path", "allow") and actual is not None else ""
