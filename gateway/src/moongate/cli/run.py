"""``moongate run``: everything that can be wrong is said before anything listens."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from moongate.cli.files import CONFIG_HELP, DEFAULT_CONFIG, ConfigFiles
from moongate.cli.terminal import PROBLEMS, USAGE, complain, counted
from moongate.compile.compiler import compile_config
from moongate.config import Config, for_target
from moongate.net.tls import TlsInvalid

if TYPE_CHECKING:
    import argparse

    from moongate.compile import Snapshot


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("config", nargs="?", metavar="CONFIG", help=CONFIG_HELP)
    parser.add_argument("--to", metavar="URL", help="serve without a config: forward everything to this URL")
    parser.add_argument("--bind", metavar="HOST:PORT", help="listen here, whatever the config says")


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop; 1 where the config is wrong or an address cannot be bound."""
    if options.to is not None and options.config is not None:
        complain("moongate run: give a CONFIG or --to URL, not both")
        return USAGE
    snapshot = compile_config(_config(options), generation=1)
    from moongate import worker  # uvloop and the data plane, only once the config is known to be good

    try:
        return worker.run(snapshot, on_ready=lambda addresses: _announce(snapshot, addresses))
    except TlsInvalid as error:
        complain(f"moongate: {error}")
        return PROBLEMS
    except OSError as error:
        complain(f"moongate: {_start_failure(error, snapshot)}")
        return PROBLEMS


def _config(options: argparse.Namespace) -> Config:
    if options.to is not None:
        return for_target(options.to, options.bind)
    files = ConfigFiles()
    config = files.read(options.config or DEFAULT_CONFIG)
    for warning in files.warnings:
        complain(f"warning: {warning}")
    return config if options.bind is None else config.bound_to(options.bind)


def _announce(snapshot: Snapshot, addresses: list[tuple[str, int]]) -> None:
    schemes = ["https" if plan.tls is not None else "http" for plan in snapshot.listeners]
    urls = ", ".join(
        f"{scheme}://{_bracketed(host)}:{port}" for scheme, (host, port) in zip(schemes, addresses, strict=True)
    )
    counts = ", ".join(
        (
            counted(len(snapshot.listeners), "listener"),
            counted(len(snapshot.routes), "route"),
            counted(len(snapshot.services), "service"),
            f"generation {snapshot.generation}",
        )
    )
    complain(f"moongate: listening on {urls} ({counts})")


def _start_failure(error: OSError, snapshot: Snapshot) -> str:
    if error.filename is not None and error.filename == snapshot.access_log:
        return f"cannot open the access log {error.filename}: {error.strerror}"
    listening = [f"{_bracketed(plan.host)}:{plan.port}" for plan in snapshot.listeners]
    where = error.filename or ", ".join(listening)
    reasons = {
        errno.EADDRINUSE: "the port is taken by another program; choose another with --bind HOST:PORT or `listeners`",
        errno.EACCES: "not permitted; ports below 1024 need root or CAP_NET_BIND_SERVICE",
        errno.EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0 is every address it has",
    }
    reason = reasons.get(error.errno or 0) or (os.strerror(error.errno) if error.errno else str(error))
    return f"cannot listen on {where}: {reason}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
