"""`invsys verify`: prove what the stored data promise, and name each violation."""

import argparse

from invsys.cli.running import ready_services, say


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    text = "prove that the stored data keep every promise: nothing double-booked, history complete"
    subcommands.add_parser("verify", help=text).set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Print each violation on a line; 1 when there is one."""
    count = 0
    with ready_services() as services:
        for violation in services.verify():
            say(f"{violation.rule} {violation.subject}: {violation.detail}")
            count += 1
    say(f"{count} violations" if count else "no violation")
    return 1 if count else 0
