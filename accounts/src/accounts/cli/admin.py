"""`accounts admin`: who may manage accounts."""

import argparse
import getpass
import sys

from accounts.cli.running import add_json, origin, parse_time, ready_services, say, say_json, say_table
from accounts.domain.admin import Admin
from accounts.domain.errors import InvalidValueError, NotFoundError
from accounts.service import admins
from accounts.service.admins import TokenDraft
from accounts.service.ports import Transaction
from accounts.service.snapshots import admin_snapshot, token_snapshot


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser(
        "admin", help="make, list and remove admins, their passwords and tokens"
    ).add_subparsers(metavar="ACT", required=True)
    create = acts.add_parser("create", help="add an admin")
    create.set_defaults(run=run_create)
    listing = acts.add_parser("list", help="the admins")
    listing.set_defaults(run=run_list)
    password = acts.add_parser("password", help="set the password to sign in with: asked for, or a line on stdin")
    password.set_defaults(run=run_password)
    token = acts.add_parser("token", help="make a token; it is printed once")
    token.add_argument("--name", default="token", help="what it is for (default token)")
    token.add_argument("--expires", metavar="WHEN", help="a span such as 90d, or a time (default never)")
    token.set_defaults(run=run_token)
    remove = acts.add_parser("remove", help="remove an admin with its tokens")
    remove.set_defaults(run=run_remove)
    for parser in (create, listing, password, token, remove):
        if parser is not listing:
            parser.add_argument("admin", help="its name")
        add_json(parser)


def run_create(options: argparse.Namespace) -> int:
    """Add an admin."""
    with ready_services() as services:
        now = services.clock()
        admin = services.store.write(lambda tx: admins.create(tx, options.admin, None, now), origin())
    return _show(options, admin)


def run_list(options: argparse.Namespace) -> int:
    """List admins."""
    with ready_services() as services:
        rows = [admin_snapshot(admin) for admin in services.store.read(lambda tx: tx.admins.all())]
    if options.json:
        say_json(rows)
    else:
        say_table(rows, ("id", "name", "has_password", "created"))
    return 0


def run_password(options: argparse.Namespace) -> int:
    """Set a password. It is never an argument: those are seen in the list of processes."""
    with ready_services() as services:
        kept = admins.hash_password(services.passwords, _typed_password())
        admin = services.store.write(lambda tx: admins.set_password(tx, _find(tx, options.admin).id, kept), origin())
    return _show(options, admin)


def run_token(options: argparse.Namespace) -> int:
    """Make a token."""
    with ready_services() as services:
        pepper, now = services.peppers.current(), services.clock()
        draft = TokenDraft(options.name, parse_time("--expires", options.expires, now))
        made = services.store.write(
            lambda tx: admins.create_token(tx, _find(tx, options.admin).id, draft, pepper, now), origin()
        )
    if options.json:
        say_json({**token_snapshot(made.token), "token": made.text})
    else:
        say(f"token of {options.admin}, shown once: {made.text}")
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove an admin."""

    def work(tx: Transaction) -> Admin:
        admin = _find(tx, options.admin)
        admins.remove(tx, admin.id)
        return admin

    with ready_services() as services:
        admin = services.store.write(work, origin())
    return _show(options, admin)


def _typed_password() -> str:
    try:
        if sys.stdin.isatty():
            password = getpass.getpass("password: ")
            if getpass.getpass("again: ") != password:
                raise InvalidValueError("password", "bad_password", "is not the same both times")
        else:
            password = sys.stdin.readline().rstrip("\n")
        password.encode()  # of what is no UTF-8 the locale may have let something through
    except (EOFError, UnicodeError):
        raise InvalidValueError("password", "bad_password", "must be a line of UTF-8 text") from None
    return password


def _find(tx: Transaction, name: str) -> Admin:
    found = tx.admins.by_name(name)
    if found is None:
        raise NotFoundError("admin", name)
    return found


def _show(options: argparse.Namespace, admin: Admin) -> int:
    if options.json:
        say_json(admin_snapshot(admin))
    else:
        say_table([admin_snapshot(admin)], ("id", "name", "has_password", "created"))
    return 0
