"""`accounts pepper`: the keys of the hashes of credentials."""

import argparse

from accounts.cli.running import add_json, origin, ready_services, say, say_json, say_table
from accounts.service import peppers


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("pepper", help="list, rotate and retire the keys of the hashes").add_subparsers(
        metavar="ACT", required=True
    )
    listing = acts.add_parser("list", help="the peppers, by version and fingerprint")
    listing.set_defaults(run=run_list)
    rotate = acts.add_parser("rotate", help="make the next one: new credentials are made under it")
    rotate.set_defaults(run=run_rotate)
    retire = acts.add_parser("retire", help="throw one away that nothing live was made under")
    retire.add_argument("version", type=int)
    retire.set_defaults(run=run_retire)
    for parser in (listing, rotate, retire):
        add_json(parser)


def run_list(options: argparse.Namespace) -> int:
    """List peppers."""
    with ready_services() as services:
        held = services.peppers.all()
        now = services.clock() // 1_000_000
        rows = services.store.read(
            lambda tx: [
                {
                    "version": known.version,
                    "fingerprint": known.fingerprint,
                    "is_current": known.version == max(held),
                    "live_keys": tx.keys.count_live_under(known.version, now),
                }
                for known in tx.peppers.all()
            ]
        )
    if options.json:
        say_json(rows)
    else:
        say_table(rows, ("version", "fingerprint", "is_current", "live_keys"))
    return 0


def run_rotate(options: argparse.Namespace) -> int:
    """Make the next pepper."""
    with ready_services() as services:
        pepper = peppers.rotate(services.store, services.peppers, origin())
    if options.json:
        say_json({"version": pepper.version, "fingerprint": pepper.fingerprint})
    else:
        say(f"pepper {pepper.version} makes new credentials from now on; back up the file")
    return 0


def run_retire(options: argparse.Namespace) -> int:
    """Retire a pepper."""
    with ready_services() as services:
        peppers.retire(services.store, services.peppers, options.version, services.clock, origin())
    if options.json:
        say_json({"retired": options.version})
    else:
        say(f"pepper {options.version} is gone")
    return 0
