"""`accounts serve`: answer HTTP."""

import argparse
import os

from accounts.bootstrap.settings import load_settings
from accounts.bootstrap.wiring import PROGRAM, build_services
from accounts.cli.running import complain
from accounts.service import peppers
from servicekit.process.serving import ServePlan, serve


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subcommands.add_parser("serve", help="answer HTTP")
    parser.add_argument("--host", help="address to listen on (default ACCOUNTS_HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port, 0 picks a free one (default ACCOUNTS_PORT, else 8102)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT.

    Refuses, in one line, a taken port, a database that is not migrated, and a pepper file that does not belong to it.
    """
    settings = load_settings(os.environ)
    services = build_services(settings)
    try:
        trouble = services.schema_problem()
        if trouble is not None:
            complain(trouble)
            return 1
        peppers.check(services.store, services.peppers)
    finally:
        services.close()
    host = settings.host if options.host is None else options.host
    port = settings.port if options.port is None else options.port
    serve(ServePlan(PROGRAM, "accounts.web.app:from_environment", host, port, settings.threads))
    return 0
