"""The command `invsys`. Exit status: 0 fine, 1 problems found, 2 usage."""

import argparse
import sys
from collections.abc import Sequence

from invsys.cli import export, import_, kind, migrate, seed, serve, verify
from invsys.domain.errors import InvalidValueError
from servicekit.core.errors import ServiceError
from servicekit.process.terminal import run_piped

COMMANDS = (serve, migrate, kind, import_, export, verify, seed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status; an expected failure is one line on stderr."""
    parser = argparse.ArgumentParser(prog="invsys", description="Inventory manager: bookable resources, allocations.")
    subcommands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.register(subcommands)
    options = parser.parse_args(arguments)
    try:
        return run_piped(lambda: int(options.run(options)))
    except InvalidValueError as error:
        print(f"invsys: {error.field} {error.detail}", file=sys.stderr)  # noqa: T201
        return 1
    except ServiceError as error:
        print(f"invsys: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        print("invsys: interrupted", file=sys.stderr)  # noqa: T201
        return 130
