"""`invsys migrate`: bring the database to the newest schema."""

import argparse
import os
from pathlib import Path

from invsys.bootstrap.settings import load_settings
from invsys.bootstrap.wiring import build_services
from invsys.cli.kind import put_all, read_text
from invsys.service.kind_files import read_kinds


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    text = "create or bring up to date the database INVSYS_DATABASE_URL, with the kinds of INVSYS_KINDS_FILE"
    subcommands.add_parser("migrate", help=text).set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Migrate; nothing to do is fine too."""
    settings = load_settings(os.environ)
    services = build_services(settings)
    try:
        services.migrate()
        if settings.kinds_file:
            return put_all(services, read_kinds(read_text(Path(settings.kinds_file))))
    finally:
        services.close()
    return 0
