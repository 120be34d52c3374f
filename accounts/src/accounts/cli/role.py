"""`accounts role`: named bundles of grants. `accounts grant ... role/NAME` fills them."""

import argparse

from accounts.cli.running import PAGE, add_json, every, origin, ready_services, say, say_json, say_table
from accounts.domain.role import Role
from accounts.service import roles
from accounts.service.ports import Transaction
from accounts.service.snapshots import role_snapshot
from servicekit.core.values import ANY


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("role", help="make, list and remove roles").add_subparsers(
        metavar="ACT", required=True
    )
    create = acts.add_parser("create", help="add a role without grants")
    create.add_argument("name")
    create.add_argument("--if-absent", action="store_true", help="one of that name is fine, and left alone")
    create.set_defaults(run=run_create)
    listing = acts.add_parser("list", help="the roles")
    listing.set_defaults(run=run_list)
    remove = acts.add_parser("remove", help="remove a role that nobody has")
    remove.add_argument("name")
    remove.set_defaults(run=run_remove)
    for parser in (create, listing, remove):
        add_json(parser)


def run_create(options: argparse.Namespace) -> int:
    """Add a role."""
    with ready_services() as services:

        def work(tx: Transaction) -> Role:
            found = tx.roles.get(options.name) if options.if_absent else None
            return roles.create(tx, options.name, (), services.clock()) if found is None else found

        role = services.store.write(work, origin())
    _show(options, [role])
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List roles."""
    with ready_services() as services:
        found = every(lambda after: services.store.read(lambda tx: tx.roles.page(after, PAGE)), lambda role: role.name)
    if options.json:
        say_json([role_snapshot(role) for role in found])
    else:
        _show(options, found)
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove a role."""
    with ready_services() as services:
        services.store.write(lambda tx: roles.remove(tx, options.name, ANY), origin())
    if options.json:
        say_json({"removed": options.name})
    else:
        say(f"removed {options.name}")
    return 0


def _show(options: argparse.Namespace, found: list[Role]) -> None:
    if options.json:
        say_json(role_snapshot(found[0]))
        return
    rows = [{**role_snapshot(role), "grants": str(len(role.grants))} for role in found]
    say_table(rows, ("name", "grants", "created"))
