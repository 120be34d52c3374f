"""`invsys serve`: answer HTTP with granian, a WSGI server whose socket work is done outside the interpreter lock."""

import argparse
import os
import socket
import sys

from granian.constants import Interfaces
from granian.server import Server

from invsys.bootstrap.settings import load_settings
from invsys.bootstrap.wiring import build_services

STOP_TIMEOUT_S = 10
"""How long running requests may take to finish after SIGTERM."""


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subcommands.add_parser("serve", help="answer HTTP")
    parser.add_argument("--host", help="address to listen on (default INVSYS_HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port, 0 picks a free one (default INVSYS_PORT, else 8101)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Refuses, in one line, a taken port and a database that is not migrated."""
    settings = load_settings(os.environ)
    services = build_services(settings)
    try:
        trouble = services.schema_problem()
    finally:
        services.close()
    if trouble is not None:
        return _refuse(trouble)
    host = settings.host if options.host is None else options.host
    port = settings.port if options.port is None else options.port
    try:
        port = free_port(host, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        return _refuse(f"cannot listen on {host}:{port}: {reason}")
    print(f"invsys: listening on http://{host}:{port}", flush=True)  # noqa: T201
    Server(
        "invsys.web.app:from_environment",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,  # one process with threads: a scrape of /metrics sees every request there was
        blocking_threads=settings.threads,
        backpressure=settings.threads * 4,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_TIMEOUT_S,
        websockets=False,
        log_enabled=False,
    ).serve()
    return 0


def free_port(host: str, port: int) -> int:
    """The port to listen on, having proved it free. Raises OSError.

    granian binds with SO_REUSEPORT, so a second server on a taken port would start without a word and share its
    connections; a plain bind is refused. Between this and granian's bind another may slip in; then granian says so.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)
        number: int = probe.getsockname()[1]
        return number


def _refuse(reason: str) -> int:
    print(f"invsys: {reason}", file=sys.stderr)  # noqa: T201
    return 1
