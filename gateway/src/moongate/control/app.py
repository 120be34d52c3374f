"""The control process from its start to its end."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.control.accounts.keeper import Accounts
from moongate.control.activation import Given, Notifier, given_sockets, unserved_warning
from moongate.control.discovery import Discovery
from moongate.control.reload import Console, Parts, Reloader, Serving, Source, package_of, serving
from moongate.control.sockets import Sockets, addresses
from moongate.control.supervisor import Supervisor
from moongate.net.tasks import Tasks
from moongate.worker.files import raise_file_limit
from moongate.worker.stopping import STOP_SIGNALS, StopSignals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moongate.compile import Snapshot
    from moongate.control.child import Child
    from moongate.control.supervisor import Package

    OnReady = Callable[[list[tuple[str, int]]], None]

FINE: Final = 0
PROBLEMS: Final = 1


def run(cpus: Sequence[int | None], snapshot: Snapshot, source: Source, console: Console, on_ready: OnReady) -> int:
    """Serve ``snapshot`` with a worker for each of ``cpus`` (None is any), and whatever ``source`` holds later.

    Returns the exit status when a signal ends it: 0, or 1 where no worker could serve, which is told. ``on_ready`` is
    told the (host, port) of every listener. Before anything is started it raises OSError where one can not be bound,
    and PlaceInvalid where the replica of accounts can not be kept.
    """
    raise_file_limit()
    notifier = Notifier(os.environ)
    sockets = Sockets(len(cpus), Given(given_sockets(os.environ)))
    try:
        Accounts.judge(snapshot.accounts)
        first = serving(snapshot)
        package = package_of(snapshot, sockets)
        del snapshot  # the workers' now
        sockets.adopt(package.sockets)
        for host, port in sockets.unserved():
            console.say(unserved_warning(host, port))
        control = Control(cpus, Outside(sockets, notifier, console), source)
        return asyncio.run(control.serve(package, first, on_ready))
    finally:
        sockets.close()


class Outside(NamedTuple):
    """What there is beyond this process and its workers."""

    sockets: Sockets
    notifier: Notifier
    console: Console


class Control:
    """What control does between its start and its end."""

    def __init__(self, cpus: Sequence[int | None], outside: Outside, source: Source) -> None:
        self._sockets, self._notifier, console = outside
        self._console = console
        self._source = source
        self._tasks = Tasks()
        self._discovery = Discovery(self._tasks, console.say)
        self._supervisor = Supervisor(cpus, self._tasks, console.say, self._discovery.found)
        self._discovery.take = self._supervisor.take_found
        self._accounts = Accounts(self._supervisor.tell, console.say)
        self._supervisor.greet = self._greet

    async def serve(self, package: Package, first: Serving, on_ready: OnReady) -> int:
        """Until a signal says otherwise; returns the exit status."""
        loop = asyncio.get_running_loop()
        stop = StopSignals(loop)
        parts = Parts(self._sockets, self._supervisor, self._discovery, self._accounts, self._console, self._notifier)
        reloader = Reloader(self._source, first, parts)
        loop.add_signal_handler(signal.SIGHUP, reloader.ask)
        where = addresses(package.sockets)
        await self._discovery.begin(package.names)
        self._discovery.keep(package.names)
        await self._accounts.follow(first.accounts)
        problems = await self._supervisor.start(package)
        for problem in problems:
            self._console.say(f"moongate: {problem}")
        if problems:
            stop.second.set()
        else:
            on_ready(where)
            self._notifier.ready(f"generation {first.generation} is served")
            self._tasks.spawn(reloader.follow())
            await stop.first.wait()
            self._notifier.stopping()
        self._sockets.close()  # nobody waits in a queue that is served no longer
        await self._supervisor.stop(stop.second)
        await self._accounts.close()
        await self._tasks.cancel()
        # It has ended well: who asks again while the interpreter packs up must not make a killing of it.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        return PROBLEMS if problems else FINE

    def _greet(self, child: Child) -> None:
        child.heard = lambda report: self._accounts.heard(report, child.tell)
        self._accounts.greet(child.tell)
