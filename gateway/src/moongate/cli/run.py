"""``moongate run``: everything that can be wrong is said before anything listens."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import resource
from typing import TYPE_CHECKING, Final

from moongate.cli.files import CONFIG_HELP, DEFAULT_CONFIG, ConfigFiles
from moongate.cli.terminal import PROBLEMS, USAGE, complain, complain_of, counted
from moongate.compile.compiler import compile_config
from moongate.config import for_target
from moongate.worker.files import connections_within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from moongate.compile import Snapshot
    from moongate.config import Problem
    from moongate.control.watch import Stamp

MAX_WORKERS: Final = 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("config", nargs="?", metavar="CONFIG", help=CONFIG_HELP)
    parser.add_argument("--to", metavar="URL", help="serve without a config: forward everything to this URL")
    parser.add_argument("--bind", metavar="HOST:PORT", help="listen here, whatever the config says")
    parser.add_argument(
        "--workers",
        type=_worker_count,
        metavar="N",
        help="processes that serve (default: one for each CPU); 0 is a single process without reload, "
        "the default with --to",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop; 1 where the config is wrong or an address cannot be bound."""
    if options.to is not None and options.config is not None:
        complain("moongate run: give a CONFIG or --to URL, not both")
        return USAGE
    source = ToSource(options.to, options.bind) if options.to is not None else FileSource(options.config, options.bind)
    snapshot = source.load(1)
    # macOS can not say: there it is a single process, for development.
    cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    workers = options.workers if options.workers is not None else len(cpus) if options.to is None else 0
    from moongate.control.accounts.place import PlaceInvalid

    try:
        if not workers:
            return _run_alone(snapshot)
        from moongate.control import app

        pinned: list[int | None] = [*cpus] if workers == len(cpus) else [None] * workers
        return app.run(pinned, snapshot, source, Terminal(), lambda where: _announce(snapshot, where, pinned))
    except OSError as error:
        complain(f"moongate: {_start_failure(error)}")
        return PROBLEMS
    except PlaceInvalid as invalid:
        complain(f"moongate: {invalid}")
        return PROBLEMS


def _run_alone(snapshot: Snapshot) -> int:
    from moongate.control.activation import Given, Notifier, given_sockets, unserved_warning
    from moongate.control.discovery import Discovery
    from moongate.control.sockets import Sockets, of_slot
    from moongate.worker import app  # uvloop and the data plane, only once the config is known to be good
    from moongate.worker.serving import Unready, Worker

    notifier = Notifier(os.environ)
    sockets = Sockets(1, Given(given_sockets(os.environ)))

    def say(text: str) -> None:
        complain(f"moongate: {text}")

    @contextlib.asynccontextmanager
    async def around(worker: Worker) -> AsyncIterator[None]:
        discovery = Discovery(worker.tasks, say)
        discovery.take = worker.take_found
        await discovery.begin(name for service in snapshot.services.values() for name in service.names)
        async with contextlib.AsyncExitStack() as stack:
            if snapshot.accounts is not None:
                from moongate.control.accounts.alone import keeping

                await stack.enter_async_context(keeping(snapshot.accounts, say, worker.replica))
            if snapshot.tokens is not None:
                from moongate.control.tokens.alone import keeping_keys

                keys = keeping_keys(snapshot.tokens, say, worker.key_sets, worker.signing, worker.logins)
                await stack.enter_async_context(keys)
            yield

    def on_ready(addresses: list[tuple[str, int]]) -> None:
        _announce(snapshot, addresses)
        notifier.ready(f"generation {snapshot.generation} is served")

    try:
        bound = sockets.bind(snapshot.listeners)
        sockets.adopt(bound)
        for host, port in sockets.unserved():
            complain(unserved_warning(host, port))
        return app.run(snapshot, of_slot(bound, 0), around, on_ready)
    except Unready as unready:
        for problem in unready.problems:
            complain(f"moongate: {problem}")
        return PROBLEMS
    finally:
        sockets.close()


class FileSource:
    """A config on disk, which may change (control.reload.Source)."""

    def __init__(self, path: str | None, bind: str | None) -> None:
        self.stamps: Mapping[str, Stamp] = {}
        self._path = path or DEFAULT_CONFIG
        self._bind = bind

    def load(self, generation: int) -> Snapshot:
        files = ConfigFiles()
        try:
            config = files.read(self._path)
        finally:
            self.stamps = files.stamps
        for warning in files.warnings:
            complain(f"warning: {warning}")
        return compile_config(config if self._bind is None else config.bound_to(self._bind), generation)


class ToSource:
    """The config of ``--to URL``, which stays as it is (control.reload.Source)."""

    def __init__(self, url: str, bind: str | None) -> None:
        self.stamps: Mapping[str, Stamp] = {}
        self._url = url
        self._bind = bind

    def load(self, generation: int) -> Snapshot:
        return compile_config(for_target(self._url, self._bind), generation)


class Terminal:
    """Whom the control process tells what happens (control.reload.Console)."""

    def say(self, text: str) -> None:
        complain(text)

    def complain_of(self, problems: Sequence[Problem]) -> None:
        complain_of(problems)

    def start_failure(self, error: OSError) -> str:
        return _start_failure(error)


def _worker_count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes from 0 to {MAX_WORKERS}")
    return number


def _announce(snapshot: Snapshot, addresses: list[tuple[str, int]], cpus: Sequence[int | None] = ()) -> None:
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
    if cpus:
        pinned = [str(cpu) for cpu in cpus if cpu is not None]
        where = f"one on each of the CPUs {', '.join(pinned)}" if len(pinned) > 1 else "on any CPU"
        where = f"on CPU {pinned[0]}" if len(pinned) == 1 else where
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        connections = min(snapshot.limits.connections, connections_within(files))
        complain(
            f"moongate: {counted(len(cpus), 'worker')}, {where}, with at most {files} open files and {connections} "
            "connections each"
        )


def _start_failure(error: OSError) -> str:
    from moongate.control.admin.door import AdminUnbound
    from moongate.control.sockets import OwnPort

    if isinstance(error, OwnPort):
        return (
            f"cannot listen on {error.filename}: this gateway itself listens on {error.own}; a reload can not exchange "
            "one for the other, a restart can"
        )
    setting = "`admin`" if isinstance(error, AdminUnbound) else "--bind HOST:PORT or `listeners`"
    reasons = {
        errno.EADDRINUSE: f"the port is taken by another program; choose another with {setting}",
        errno.EACCES: "not permitted; ports below 1024 need root or CAP_NET_BIND_SERVICE",
        errno.EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0 is every address it has",
    }
    reason = reasons.get(error.errno or 0) or (os.strerror(error.errno) if error.errno else str(error))
    return f"cannot listen on {error.filename}: {reason}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
