"""`accounts secret`: secrets of clients for the token endpoint. The text of a new one is printed once."""

import argparse

from accounts.cli.client import find
from accounts.cli.running import add_json, origin, parse_time, ready_services, say, say_json, say_members, say_table
from accounts.service import profiles
from accounts.service.ports import Transaction
from accounts.service.profiles import NewSecret, secret_snapshot


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("secret", help="make, list and remove client secrets").add_subparsers(
        metavar="ACT", required=True
    )
    create = acts.add_parser("create", help="make one, beside another that is in use; its text is printed once")
    create.add_argument("--expires", metavar="WHEN", help="a span such as 90d, or a time (default never)")
    create.set_defaults(run=run_create)
    listing = acts.add_parser("list", help="the secrets of a client")
    listing.set_defaults(run=run_list)
    remove = acts.add_parser("remove", help="refuse one from now on")
    remove.set_defaults(run=run_remove)
    for parser in (create, listing, remove):
        parser.add_argument("client", help="id or name of the client")
        add_json(parser)
    remove.add_argument("secret", help="its id")


def run_create(options: argparse.Namespace) -> int:
    """Make a secret."""
    with ready_services() as services:
        now, pepper = services.clock(), services.peppers.current()
        expires = parse_time("--expires", options.expires, now)

        def work(tx: Transaction) -> NewSecret:
            return profiles.create_secret(tx, find(tx, options.client).id, expires, pepper, now)

        made = services.store.write(work, origin())
    if options.json:
        say_json({**secret_snapshot(made.secret), "client_secret": made.text})
        return 0
    say_members(secret_snapshot(made.secret))
    say(f"secret, shown once: {made.text}")
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List the secrets of a client."""
    with ready_services() as services:
        found = services.store.read(lambda tx: tx.oauth.secrets_of(find(tx, options.client).id))
    rows = [secret_snapshot(secret) for secret in found]
    if options.json:
        say_json(rows)
    else:
        say_table(rows, ("id", "created", "created_by", "expires"))
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove a secret."""
    with ready_services() as services:
        services.store.write(
            lambda tx: profiles.remove_secret(tx, find(tx, options.client).id, options.secret), origin()
        )
    if options.json:
        say_json({"removed": options.secret})
    else:
        say(f"secret {options.secret} opens nothing any more")
    return 0
