"""``moongate routes``: the routes in the order in which they are matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.cli.files import CONFIG_HELP, load
from moongate.cli.terminal import FINE, say_json, say_table
from moongate.compile.dump import dump_route

if TYPE_CHECKING:
    import argparse

    from moongate.compile import RoutePlan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("config", nargs="?", metavar="CONFIG", help=CONFIG_HELP)
    parser.add_argument("--json", action="store_true", help="print the routes as JSON")


def run(options: argparse.Namespace) -> int:
    """Print every route once; of two that accept a request, the upper one takes it."""
    loaded = load(options.config)
    lines = {
        route.name: loaded.config.sources.line(("routes", index)) if loaded.config.sources else ""
        for index, route in enumerate(loaded.config.routes)
    }
    routes = loaded.snapshot.routes
    if options.json:
        say_json([{**dump_route(route), "at": lines[route.name]} for route in routes])
    else:
        header = ("ROUTE", "HOSTS", "METHODS", "PATH", "WHEN", "SERVICE", "AT")
        say_table(header, [(*_row(route), lines[route.name]) for route in routes])
    return FINE


def _row(route: RoutePlan) -> tuple[str, ...]:
    match = route.match
    return (
        route.name,
        ",".join(map(str, match.hosts)) or "*",
        "*" if match.methods is None else ",".join(sorted(method.decode("ascii") for method in match.methods)),
        match.path.text,
        ", ".join(map(str, match.conditions)) or "-",
        route.service.name,
    )
