"""The `moongate` command line.

argparse: a dozen commands of two or three options each need no more, and the command starts without importing a
framework. Each command is a module with `add_arguments` and `run`; it is imported only when it is called for.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.cli.hints import Parser
from moongate.cli.terminal import PROBLEMS, complain_of, plain, say_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


class Command(NamedTuple):
    """``module`` of `moongate.cli` behind a command, and its line in the help."""

    module: str
    summary: str


COMMANDS: Final = {
    "run": Command("run", "serve a config, or put the gateway in front of one URL"),
    "check": Command("check", "say everything that is wrong or risky in a config"),
    "routes": Command("routes", "list the routes in match order"),
    "explain": Command("explain", "say which route a request takes, and why every other one lost"),
    "can": Command("can", "say whether a client may make a request, and which grant decides"),
    "who-can": Command("who_can", "list the clients that may make a request"),
    "diff": Command("diff", "say what a new config changes in behaviour"),
    "test": Command("test", "run cases written beside the config: request in, decision out"),
    "reload": Command("reload", "have a running gateway take up its config now"),
    "schema": Command("schema", "print the JSON Schema of the config, for editors"),
    "init": Command("init", "write a commented config to start from"),
}


_INTERRUPTED: Final = 128 + signal.SIGINT  # as shells have it


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in ``argv``; the exit status is 0 fine, 1 problems found, 2 usage (argparse raises that one)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(arguments)
    options = parser.parse_args(arguments)
    from moongate.config import ConfigInvalid  # pydantic: not for --help and --version

    try:
        return int(import_module(f"moongate.cli.{COMMANDS[options.command].module}").run(options))
    except ConfigInvalid as invalid:
        if getattr(options, "json", False):
            say_json({"problems": plain(invalid.problems)})
        else:
            complain_of(invalid.problems)
        return PROBLEMS
    except BrokenPipeError:  # `moongate routes | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's last flush succeeds
        return PROBLEMS
    except KeyboardInterrupt:
        return _INTERRUPTED


def _version() -> str:
    """And whether it is the build whose hot modules are compiled, which costs less a request."""
    spec = find_spec("moongate.proxy.exchange")
    is_compiled = spec is not None and not (spec.origin or "").endswith(".py")
    return f"moongate {metadata.version('moongate')}{' (compiled)' if is_compiled else ''}"


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    parser = Parser(prog="moongate", description="One front door for a Python team's microservices.")
    parser.arguments, parser.commands = tuple(arguments), tuple(COMMANDS)
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(name, help=command.summary, description=command.summary)
        if name in arguments:
            import_module(f"moongate.cli.{command.module}").add_arguments(subparser)
    return parser
