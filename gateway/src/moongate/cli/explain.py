"""``moongate explain``: which route a request takes and why every other one lost: by a config, without a socket, or by
what a running gateway serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moongate.cli.asking import AskFailed, add_request, asked
from moongate.cli.terminal import FINE, counted, refuse, say, say_json, say_table
from moongate.config import Problem
from moongate.control.accounts.access import explain_for

if TYPE_CHECKING:
    import argparse

    from moongate.compile import Snapshot
    from moongate.compile.offline import Request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_request(parser)
    parser.add_argument("--client", metavar="ID", help="as if this client, by id or name, had proved who it is")
    parser.add_argument("--all", action="store_true", help="show routes of other hosts and paths as well")


def run(options: argparse.Namespace) -> int:
    """Print the decision; a request that no route takes is an answer too, so the status is 0."""
    try:
        explanation = asked(
            options, "explain", _offline, "/explain", {"client": options.client, "scopes": options.scope}
        )
    except AskFailed as failed:
        refuse(Problem("moongate explain", 0, 0, str(failed)), as_json=options.json)
        return failed.status
    if options.json:
        say_json(explanation)
    else:
        _say(explanation, show_all=options.all)
    return FINE


def _offline(snapshot: Snapshot, request: Request, options: argparse.Namespace) -> dict[str, Any]:
    return explain_for(snapshot, request, options.client, options.scope)


def _state(target: dict[str, Any]) -> str:
    """Why a running gateway sends a target nothing, or could not."""
    if target.get("drained"):
        return ", which is drained"
    return ", which took no connection when it was last tried" if target.get("up") is False else ""


def _say(explained: dict[str, Any], *, show_all: bool) -> None:
    request = explained["request"]
    say(f"{request['method']} {request['url']}")
    if request["path"] is not None:
        say(f"  host {request['host'] or '(none)'}, path {request['path']}")
    if explained["itself"]:
        say(f"  is answered by the gateway itself: {explained['itself']}")
    if explained["route"]:
        say(f"  takes route {explained['route']} to service {explained['service']}")
        for name, value in explained["parameters"].items():
            say(f"    {{{name}}} is {value}")
        live = {each["url"]: each for each in explained.get("live_targets", ())}
        for target in explained["targets"]:
            say(f"    target {target}{_state(live.get(target, {}))}")
    for step in explained["filters"]:
        reason = f" ({step['reason']})" if step["reason"] else ""
        say(f"    filter {step['kind']} {step['verdict']}{reason}{': ' if step['why'] else ''}{step['why']}")
    if explained["code"]:
        reason = f" ({explained['reason']})" if explained["reason"] else ""
        allowed = f", allowed are {', '.join(explained['allowed'])}" if explained["allowed"] else ""
        say(f"  is answered {explained['status']} {explained['code']}{reason}{allowed}")
    if explained["reason"] == "unknown_method" and not request["method"].isupper():
        say(f"  but methods are case-sensitive: write {request['method'].upper()}")
    if explained["reason"] == "bad_target" and not request["url"].startswith("/") and "://" not in request["url"]:
        say("  but a URL is written http://HOST/PATH, or as a path that begins with /")
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
