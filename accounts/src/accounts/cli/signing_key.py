"""`accounts signing-key`: the keys that sign access tokens."""

import argparse

from accounts.cli.running import add_json, origin, ready_services, say, say_json, say_table
from accounts.domain.signing_key import Algorithm, Phase
from accounts.service import signing

COLUMNS = ("kid", "algorithm", "phase", "active_from", "phase_ends")


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("signing-key", help="list and rotate the keys that sign tokens").add_subparsers(
        metavar="ACT", required=True
    )
    listing = acts.add_parser("list", help="each key with its phase: next, active or retiring")
    listing.set_defaults(run=run_list)
    rotate = acts.add_parser("rotate", help="publish the next key; it signs when every verifier knows it")
    rotate.add_argument("--alg", choices=[one.value for one in Algorithm], help="default: that of the newest key")
    rotate.add_argument(
        "--compromised", action="store_true", help="sign with it at once, and publish no other any more"
    )
    rotate.set_defaults(run=run_rotate)
    for parser in (listing, rotate):
        add_json(parser)


def run_list(options: argparse.Namespace) -> int:
    """List the keys."""
    with ready_services() as services:
        services.oauth.keyring.signer()  # makes the first key, and proves that the pepper opens what is there
        now = services.clock() // 1_000_000
        rows = services.store.read(lambda tx: signing.snapshots(tx.oauth.signing_keys(), now))
    shown = [row for row in rows if row["phase"] != Phase.GONE]
    if options.json:
        say_json(shown)
    else:
        say_table(shown, COLUMNS)
    return 0


def run_rotate(options: argparse.Namespace) -> int:
    """Make the next key."""
    algorithm = None if options.alg is None else Algorithm(options.alg)
    make = signing.replace_compromised if options.compromised else signing.rotate
    with ready_services() as services:
        now, jose, peppers = services.clock() // 1_000_000, services.oauth.jose, services.peppers
        key = services.store.write(lambda tx: make(tx, algorithm, jose, peppers, now), origin())
    [row] = signing.snapshots([key], now)
    if options.json:
        say_json(row)
    else:
        say(f"key {key.kid} is published, and signs from {row['active_from']}")
    return 0
