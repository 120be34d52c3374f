"""`accounts gateway`: who may follow the feed."""

import argparse

from accounts.cli.running import add_json, origin, ready_services, say, say_json, say_table
from accounts.domain.errors import NotFoundError
from accounts.domain.gateway import Gateway
from accounts.domain.names import normal
from accounts.service import gateways
from accounts.service.ports import Transaction
from accounts.service.snapshots import gateway_snapshot


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("gateway", help="make, list and remove gateways' credentials").add_subparsers(
        metavar="ACT", required=True
    )
    create = acts.add_parser("create", help="make a credential; it is printed once")
    create.add_argument("name")
    create.set_defaults(run=run_create)
    listing = acts.add_parser("list", help="the gateways")
    listing.set_defaults(run=run_list)
    remove = acts.add_parser("remove", help="refuse a gateway from now on")
    remove.add_argument("gateway", help="its id or its name")
    remove.set_defaults(run=run_remove)
    for parser in (create, listing, remove):
        add_json(parser)


def run_create(options: argparse.Namespace) -> int:
    """Make a credential."""
    with ready_services() as services:
        pepper, now = services.peppers.current(), services.clock()
        made = services.store.write(lambda tx: gateways.create(tx, options.name, pepper, now), origin())
    if options.json:
        say_json({**gateway_snapshot(made.gateway), "credential": made.text})
    else:
        say(f"credential of {made.gateway.name}, shown once: {made.text}")
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List gateways."""
    with ready_services() as services:
        rows = [gateway_snapshot(gateway) for gateway in services.store.read(lambda tx: tx.gateways.all())]
    if options.json:
        say_json(rows)
    else:
        say_table(rows, ("id", "name", "created"))
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove a gateway."""

    def work(tx: Transaction) -> Gateway:
        found = [one for one in tx.gateways.all() if normal(options.gateway) in (one.id, one.name)]
        if not found:
            raise NotFoundError("gateway", options.gateway)
        gateways.remove(tx, found[0].id)
        return found[0]

    with ready_services() as services:
        gateway = services.store.write(work, origin())
    if options.json:
        say_json(gateway_snapshot(gateway))
    else:
        say(f"removed {gateway.name}")
    return 0
