"""``moongate explain``: which route a request takes and why every other one lost: by a config, without a socket, or by
what a running gateway serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moongate.cli.admin_client import ADMIN_HELP, AdminFailed, admin_url, ask
from moongate.cli.files import DEFAULT_CONFIG, load
from moongate.cli.terminal import FINE, PROBLEMS, USAGE, complain, counted, say, say_json, say_table
from moongate.compile.explanation import explain
from moongate.compile.offline import Request

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("method", metavar="METHOD", help="as in GET")
    parser.add_argument("url", metavar="URL", help="http://host/path?query, or a path alone")
    parser.add_argument("-H", "--header", action="append", default=[], metavar="'Name: value'", help="a header field")
    parser.add_argument("--config", metavar="CONFIG", help=f"the config (default: {DEFAULT_CONFIG})")
    parser.add_argument("--live", action="store_true", help="ask a running gateway what it would do, not a config")
    parser.add_argument("--admin", metavar="URL", help=ADMIN_HELP + "; means --live")
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
    if "/" in options.method:
        complain(f"moongate explain: the method comes first: moongate explain GET {options.method}")
        return USAGE
    request = Request(options.method, options.url, tuple(headers))
    is_live = options.live or options.admin is not None
    if is_live and options.config is not None:
        complain("moongate explain: give --config or --live, not both")
        return USAGE
    try:
        if is_live:
            explanation = _asked_live(admin_url(options.admin), request)
        else:
            explanation = explain(load(options.config).snapshot, request)
    except AdminFailed as failed:
        complain(f"moongate explain: {failed}")
        return PROBLEMS
    except ValueError as error:
        complain(f"moongate explain: {error}")
        return USAGE
    if options.json:
        say_json(explanation)
    else:
        _say(explanation, show_all=options.all)
    return FINE


def _asked_live(url: str, request: Request) -> dict[str, Any]:
    """Raises AdminFailed."""
    body = {"method": request.method, "url": request.url, "headers": request.headers}
    answer = ask(url, "POST", "/explain", body)
    if answer.status != 200:
        raise AdminFailed(answer.told())
    return dict(answer.body)


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
    if explained["reason"] == "unknown_method" and not request["method"].isupper():
        say(f"  but methods are case-sensitive: write {request['method'].upper()}")
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
