"""``moongate can``: whether a client may make a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moongate.cli.asking import AskFailed, add_request, asked
from moongate.cli.terminal import FINE, PROBLEMS, refuse, say, say_json
from moongate.config import Problem
from moongate.control.accounts.access import Access, access_in, can

if TYPE_CHECKING:
    import argparse

    from moongate.compile import Snapshot
    from moongate.compile.offline import Request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("client", metavar="CLIENT", help="a client of accounts, by id or name")
    add_request(parser)


def run(options: argparse.Namespace) -> int:
    """The status is 0 where it may, and 1 where it may not, or nobody can tell."""
    try:
        said = asked(options, "can", _offline, "/explain", {"client": options.client, "scopes": options.scope})
    except AskFailed as failed:
        refuse(Problem("moongate can", 0, 0, str(failed)), as_json=options.json)
        return failed.status
    access = said if isinstance(said, Access) else _of_explanation(said, options.client)
    if options.json:
        say_json(access._asdict())
    else:
        verdict = {True: "yes", False: "no", None: "nobody can tell here"}[access.is_allowed]
        say(f"{verdict}: {access.why}")
    return FINE if access.is_allowed else PROBLEMS


def _offline(snapshot: Snapshot, request: Request, options: argparse.Namespace) -> Access:
    return can(snapshot, request, options.client, options.scope)


def _of_explanation(explained: dict[str, Any], client: str) -> Access:
    return access_in(explained, client, client)
