"""``moongate reload``: have a running gateway take up its config now, or say what would come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.cli.admin_client import ADMIN_HELP, AdminFailed, admin_url, ask
from moongate.cli.terminal import FINE, PROBLEMS, complain, complain_of, plain, refuse, say, say_json
from moongate.config import Problem

if TYPE_CHECKING:
    import argparse

_SELF: Final = "moongate reload"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--admin", metavar="URL", help=ADMIN_HELP)
    parser.add_argument("--dry-run", action="store_true", help="have everything made ready, and change nothing")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(options: argparse.Namespace) -> int:
    """1 where the config is refused, or nobody answers."""
    try:
        answer = ask(admin_url(options.admin), "POST", "/reload", {"dry_run": options.dry_run}, holds="result")
    except AdminFailed as failed:
        refuse(Problem(_SELF, 0, 0, str(failed)), as_json=options.json)
        return PROBLEMS
    body = answer.body
    if options.json:
        refused = {"problems": plain([Problem(_SELF, 0, 0, answer.told())])} if answer.status != 200 else {}
        say_json({**refused, **body})
    elif answer.status == 200:
        said = {
            "served": "generation {generation} is served",
            "unchanged": "generation {generation} serves this config already, and goes on",
            "ready": "fine: it would be served as generation {generation}",
        }
        say(said[body["result"]].format(**body))
    elif "problems" in body:
        complain_of([Problem(**each) for each in body["problems"]])
        complain(f"{_SELF}: refused, generation {body['generation']} goes on")
    else:
        complain(f"{_SELF}: {answer.told()}")
    return FINE if answer.status == 200 else PROBLEMS
