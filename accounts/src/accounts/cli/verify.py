"""`accounts verify`: prove what the stored data promise, and name each violation."""

import argparse

from accounts.cli.running import add_json, ready_services, say, say_json


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    text = "prove that the stored data keep every promise: audit, feed, what gateways are told, peppers"
    parser = subcommands.add_parser("verify", help=text)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print each violation on a line; 1 when there is one."""
    with ready_services() as services:
        found = list(services.verify())
    if options.json:
        say_json([{"rule": one.rule, "subject": one.subject, "detail": one.detail} for one in found])
        return 1 if found else 0
    for violation in found:
        say(f"{violation.rule} {violation.subject}: {violation.detail}")
    say(f"{len(found)} violations" if found else "no violation")
    return 1 if found else 0
