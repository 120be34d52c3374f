"""`accounts grant`: what a client, or whoever has a role, may do to which resources."""

import argparse
from typing import Any

from accounts.cli.client import find
from accounts.cli.running import add_json, origin, parse_pairs, parse_time, ready_services, say, say_json, say_table
from accounts.domain.errors import NotFoundError
from accounts.domain.grant import Effect, Grant
from accounts.service import grants, roles
from accounts.service.keys import check_expiry
from accounts.service.ports import Transaction
from accounts.service.snapshots import grant_members, grant_snapshot
from servicekit.core.values import ANY

COLUMNS = ("id", "effect", "actions", "resource", "query", "expires")


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    text = "give, list and take back grants, of a client or of a role (role/NAME)"
    acts = subcommands.add_parser("grant", help=text).add_subparsers(metavar="ACT", required=True)
    add = acts.add_parser("add", help="allow actions on the resources of a pattern, or deny them")
    _holder(add)
    add.add_argument("resource", help="such as inventory/cars/*, or inventory/** for everything below")
    add.add_argument("action", nargs="+", help="such as read, create, update, delete, or * for every one")
    add.add_argument("--deny", action="store_true", help="deny, whatever else allows")
    add.add_argument("--expires", metavar="WHEN", help="a span such as 90d, or a time (default never)")
    add.add_argument("--query", action="append", default=[], metavar="NAME=VALUE", help="forced on requests")
    add.add_argument("--if-absent", action="store_true", help="one that says the same is fine, and left alone")
    add.set_defaults(run=run_add)
    listing = acts.add_parser("list", help="the grants of a client or role")
    _holder(listing)
    listing.set_defaults(run=run_list)
    remove = acts.add_parser("remove", help="take a grant back")
    _holder(remove)
    remove.add_argument("grant", help="its id, or its number in a role")
    remove.set_defaults(run=run_remove)


def run_add(options: argparse.Namespace) -> int:
    """Give a grant."""
    with ready_services() as services:
        now = services.clock()
        expires = parse_time("--expires", options.expires, now)
        check_expiry(expires, now)
        query = parse_pairs("--query", options.query)
        effect = Effect.DENY if options.deny else Effect.ALLOW
        grant = Grant(options.resource, tuple(options.action), effect, expires, query)

        def work(tx: Transaction) -> dict[str, Any]:
            role = _role(options.holder)
            if role is None:
                client = find(tx, options.holder)
                same = [held for held in tx.grants.of_client(client.id) if held.grant == grant]
                held = same[0] if same and options.if_absent else grants.create(tx, client.id, grant, now)
                return grant_snapshot(held)
            before = _claimed(tx, role)
            if not (options.if_absent and grant in before):
                roles.change(tx, role, (*before, grant), ANY)
            return grant_members(grant)

        members = services.store.write(work, origin())
    _show(options, [members])
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List grants."""

    def work(tx: Transaction) -> list[dict[str, Any]]:
        role = _role(options.holder)
        if role is None:
            return [grant_snapshot(held) for held in tx.grants.of_client(find(tx, options.holder).id)]
        found = roles.find(tx, role).grants
        return [{"id": str(number), **grant_members(grant)} for number, grant in enumerate(found, 1)]

    with ready_services() as services:
        rows = services.store.read(work)
    if options.json:
        say_json(rows)
    else:
        _show(options, rows)
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Take a grant back."""

    def work(tx: Transaction) -> None:
        role = _role(options.holder)
        if role is None:
            grants.remove(tx, find(tx, options.holder).id, options.grant)
            return
        left = list(_claimed(tx, role))
        if options.grant not in {str(number) for number in range(1, len(left) + 1)}:
            raise NotFoundError("grant", options.grant)
        del left[int(options.grant) - 1]
        roles.change(tx, role, tuple(left), ANY)

    with ready_services() as services:
        services.store.write(work, origin())
    if options.json:
        say_json({"removed": options.grant})
    else:
        say(f"removed {options.grant}")
    return 0


def _role(holder: str) -> str | None:
    kind, slash, name = holder.partition("/")
    return name if slash and kind == "role" else None


def _claimed(tx: Transaction, role: str) -> tuple[Grant, ...]:
    """What a role has to which something is to be added or taken away; who else does so waits until this is done."""
    tx.roles.claim(role)
    return roles.find(tx, role).grants


def _holder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("holder", help="a client's id or name, or role/NAME")
    add_json(parser)


def _show(options: argparse.Namespace, rows: list[dict[str, Any]]) -> None:
    if options.json:
        say_json(rows[0])
    else:
        say_table([{**row, "query": row["constraint"]["query"]} for row in rows], COLUMNS)
