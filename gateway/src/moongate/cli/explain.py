"""``moongate explain``: which route a request takes and why every other one lost, without a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moongate.cli.files import DEFAULT_CONFIG, load
from moongate.cli.terminal import FINE, USAGE, complain, counted, say, say_json, say_table
from moongate.compile.offline import Decision, Request, decide, near_misses
from moongate.core.errors import ROUTE_NOT_FOUND
from moongate.filters import Tools

if TYPE_CHECKING:
    import argparse

    from moongate.compile import RoutePlan, ServicePlan, Snapshot
    from moongate.routing import Verdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("method", metavar="METHOD", help="as in GET")
    parser.add_argument("url", metavar="URL", help="http://host/path?query, or a path alone")
    parser.add_argument("-H", "--header", action="append", default=[], metavar="'Name: value'", help="a header field")
    parser.add_argument("--config", metavar="CONFIG", help=f"the config (default: {DEFAULT_CONFIG})")
    parser.add_argument("--all", action="store_true", help="show routes of other hosts and paths as well")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(options: argparse.Namespace) -> int:
    """Print the decision; a request that no route takes is an answer too, so the status is 0."""
    headers: list[tuple[str, str]] = []
    for header in options.header:
        name, colon, value = header.partition(":")
        if not colon:
            complain(f"moongate explain: {header!r} is no header: write -H 'Name: value'")
            return USAGE
        headers.append((name, value.strip()))
    snapshot = load(options.config).snapshot
    request = Request(options.method, options.url, tuple(headers))
    try:
        decision = decide(snapshot, request, Tools())
    except ValueError as error:
        complain(f"moongate explain: {error}")
        return USAGE
    explanation = explain(snapshot, request, decision)
    if options.json:
        say_json(explanation)
    else:
        _say(explanation, show_all=options.all)
    return FINE


def explain(snapshot: Snapshot, request: Request, decision: Decision) -> dict[str, Any]:
    """The decision and every route considered, ready for JSON."""
    head, route, failure = decision.head, decision.route, decision.failure
    verdicts = snapshot.router.explain(head) if head is not None else []
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "host": head.section.host.decode("latin-1") if head else None,
            "path": head.path.decode("latin-1") if head else None,
        },
        "route": route.name if route else None,
        "service": route.service.name if route else None,
        "targets": _targets(route.service) if route else [],
        "parameters": route.pattern.capture(head.path) if route and head else {},
        "status": failure.status if failure else None,
        "code": failure.code if failure else None,
        "reason": decision.reason,
        "filters": [step._asdict() for step in decision.passage.steps] if decision.passage else [],
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


def _say(explained: dict[str, Any], *, show_all: bool) -> None:
    request = explained["request"]
    say(f"{request['method']} {request['url']}")
    if request["path"] is not None:
        say(f"  host {request['host'] or '(none)'}, path {request['path']}")
    if explained["route"]:
        say(f"  takes route {explained['route']} to service {explained['service']}")
        for name, value in explained["parameters"].items():
            say(f"    {{{name}}} is {value}")
        for target in explained["targets"]:
            say(f"    target {target}")
    for step in explained["filters"]:
        reason = f" ({step['reason']})" if step["reason"] else ""
        say(f"    filter {step['kind']} {step['verdict']}{reason}{': ' if step['why'] else ''}{step['why']}")
    if explained["code"]:
        reason = f" ({explained['reason']})" if explained["reason"] else ""
        allowed = f", allowed are {', '.join(explained['allowed'])}" if explained["allowed"] else ""
        say(f"  is answered {explained['status']} {explained['code']}{reason}{allowed}")
    for near in explained["near_misses"]:
        say(f"  but {near['path']} would take route {near['route']}")
    shown = [each for each in explained["considered"] if show_all or each["lost_by"] not in ("host", "path")]
    if shown:
        say("")
        say_table(
            ("ROUTE", "PATH", "", "WHY"),
            [(each["route"], each["path"], "won" if each["won"] else "lost", each["reason"]) for each in shown],
        )
    hidden = len(explained["considered"]) - len(shown)
    if hidden:
        say(f"{counted(hidden, 'other route')} of other hosts or paths; --all shows them")
