"""`invsys migrate`: bring the database to the newest schema."""

import argparse
import os

from invsys.bootstrap.settings import load_settings
from invsys.bootstrap.wiring import build_services


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subcommands.add_parser("migrate", help="create or bring up to date the database INVSYS_DATABASE_URL")
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Migrate; nothing to do is fine too."""
    services = build_services(load_settings(os.environ))
    try:
        services.migrate()
    finally:
        services.close()
    return 0
