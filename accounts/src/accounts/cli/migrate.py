"""`accounts migrate`: bring the database to the newest schema."""

import argparse
import os
import secrets

from accounts.bootstrap.settings import load_settings
from accounts.bootstrap.wiring import build_services
from accounts.cli.running import origin
from accounts.service.ports import Transaction


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    text = "create or bring up to date the database ACCOUNTS_DATABASE_URL"
    parser = subcommands.add_parser("migrate", help=text)
    parser.add_argument(
        "--restored", action="store_true", help="the database comes from a backup: gateways take a new snapshot"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Migrate; nothing to do is fine too."""
    services = build_services(load_settings(os.environ))
    try:
        services.migrate()
        if options.restored:
            services.store.write(_begin_anew, origin())
    finally:
        services.close()
    return 0


def _begin_anew(tx: Transaction) -> None:
    # Numbers that a backup does not know were told to gateways already: the same ones must not mean something else.
    tx.feed.renew(secrets.token_hex(8))
    tx.audit.record("feed.renewed", "feed", {})
