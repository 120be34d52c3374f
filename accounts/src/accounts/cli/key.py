"""`accounts key`: API keys. The text of a new one is printed once."""

import argparse
from collections.abc import Callable
from typing import Any

from accounts.cli.client import find
from accounts.cli.running import add_json, origin, parse_time, ready_services, say, say_json, say_members, say_table
from accounts.domain.key import DEFAULT_ENV, DEFAULT_OVERLAP_S, ApiKey
from accounts.service import keys
from accounts.service.keys import KeyDraft, NewKey
from accounts.service.ports import Transaction
from accounts.service.snapshots import key_snapshot
from servicekit.core.values import ANY

COLUMNS = ("id", "name", "env", "scopes", "created", "expires", "revoked", "last_used")


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("key", help="make, list, rotate and revoke API keys").add_subparsers(
        metavar="ACT", required=True
    )
    create = _act(acts, "create", "make a key; its text is printed once", run_create)
    create.add_argument("--name", default="key", help="what it is for (default key)")
    create.add_argument("--env", default=DEFAULT_ENV, help=f"part of its text (default {DEFAULT_ENV})")
    create.add_argument("--scope", action="append", default=[], help="once for each")
    create.add_argument("--expires", metavar="WHEN", help="a span such as 90d, or a time (default never)")
    _act(acts, "list", "the keys of a client", run_list)
    rotate = _act(acts, "rotate", "make a key in place of one, which lives on for a while", run_rotate)
    rotate.add_argument("key", help="its id")
    rotate.add_argument(
        "--overlap", type=int, default=DEFAULT_OVERLAP_S, metavar="S", help="seconds that both open (default 86400)"
    )
    revoke = _act(acts, "revoke", "end a key now", run_revoke)
    revoke.add_argument("key", help="its id")


def run_create(options: argparse.Namespace) -> int:
    """Make a key."""
    with ready_services() as services:
        now = services.clock()
        expires = parse_time("--expires", options.expires, now)
        draft = KeyDraft(options.name, options.env, tuple(options.scope), expires)
        pepper = services.peppers.current()
        made = services.store.write(
            lambda tx: keys.create(tx, find(tx, options.client).id, draft, pepper, now), origin()
        )
    return _show_new(options, made)


def run_list(options: argparse.Namespace) -> int:
    """List the keys of a client."""
    with ready_services() as services:
        found = services.store.read(lambda tx: tx.keys.of_client(find(tx, options.client).id))
    rows = [key_snapshot(key) for key in found]
    if options.json:
        say_json(rows)
    else:
        say_table(rows, COLUMNS)
    return 0


def run_rotate(options: argparse.Namespace) -> int:
    """Rotate a key."""
    with ready_services() as services:
        pepper, now = services.peppers.current(), services.clock()

        def work(tx: Transaction) -> NewKey:
            where = (find(tx, options.client).id, options.key)
            return keys.rotate(tx, where, options.overlap, pepper, now)

        made = services.store.write(work, origin())
    return _show_new(options, made)


def run_revoke(options: argparse.Namespace) -> int:
    """Revoke a key."""
    with ready_services() as services:
        now = services.clock()

        def work(tx: Transaction) -> ApiKey:
            return keys.revoke(tx, (find(tx, options.client).id, options.key), ANY, now)

        key = services.store.write(work, origin())
    if options.json:
        say_json(key_snapshot(key))
    else:
        say_members(key_snapshot(key))
    return 0


def _show_new(options: argparse.Namespace, made: NewKey) -> int:
    if options.json:
        say_json({**key_snapshot(made.key), "key": made.text})
        return 0
    say_members(key_snapshot(made.key))
    say(f"key, shown once: {made.text}")
    return 0


def _act(acts: Any, name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = acts.add_parser(name, help=text)
    parser.add_argument("client", help="id or name of the client")
    add_json(parser)
    parser.set_defaults(run=run)
    return parser
