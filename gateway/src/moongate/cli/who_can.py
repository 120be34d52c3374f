"""``moongate who-can``: the clients that may make a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moongate.cli.asking import AskFailed, add_request, asked
from moongate.cli.terminal import FINE, refuse, say, say_json, say_table
from moongate.config import Problem
from moongate.control.accounts.access import who_can

if TYPE_CHECKING:
    import argparse

    from moongate.compile import Snapshot
    from moongate.compile.offline import Request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_request(parser)


def run(options: argparse.Namespace) -> int:
    """That nobody may is an answer too, so the status is 0."""
    try:
        said = asked(options, "who-can", _offline, "/who-can", {"scopes": options.scope})
    except AskFailed as failed:
        refuse(Problem("moongate who-can", 0, 0, str(failed)), as_json=options.json)
        return failed.status
    clients: list[dict[str, Any]] = said["clients"]
    if options.json:
        say_json(clients)
    elif clients:
        rows = [
            (each["client"], each["name"], "" if each["is_allowed"] else "perhaps", each["why"]) for each in clients
        ]
        say_table(("CLIENT", "NAME", "", "WHY"), rows)
    else:
        say("no client may")
    return FINE


def _offline(snapshot: Snapshot, request: Request, options: argparse.Namespace) -> dict[str, Any]:
    return {"clients": [each._asdict() for each in who_can(snapshot, request, options.scope)]}
