"""`invsys serve`: answer HTTP."""

import argparse
import os

from invsys.bootstrap.settings import load_settings
from invsys.bootstrap.wiring import build_services
from invsys.cli.running import complain
from servicekit.process.serving import ServePlan, serve


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subcommands.add_parser("serve", help="answer HTTP")
    parser.add_argument("--host", help="address to listen on (default INVSYS_HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port, 0 picks a free one (default INVSYS_PORT, else 8101)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Refuses, in one line, a taken port and a database that is not migrated.

    Raises CannotListenError.
    """
    settings = load_settings(os.environ)
    services = build_services(settings)
    try:
        trouble = services.schema_problem()
    finally:
        services.close()
    if trouble is not None:
        complain(trouble)
        return 1
    host = settings.host if options.host is None else options.host
    port = settings.port if options.port is None else options.port
    serve(ServePlan("invsys", "invsys.web.app:from_environment", host, port, settings.threads))
    return 0
