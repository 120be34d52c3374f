"""The control process from its start to its end."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

from moongate.control.reload import Console, Reloader, Serving, Source, package_of
from moongate.control.sockets import Sockets, addresses
from moongate.control.supervisor import Supervisor
from moongate.net.tasks import Tasks
from moongate.worker.files import raise_file_limit
from moongate.worker.stopping import StopSignals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moongate.compile import Snapshot
    from moongate.control.supervisor import Package

    OnReady = Callable[[list[tuple[str, int]]], None]

FINE: Final = 0
PROBLEMS: Final = 1


def run(cpus: Sequence[int | None], snapshot: Snapshot, source: Source, console: Console, on_ready: OnReady) -> int:
    """Serve ``snapshot`` with a worker for each of ``cpus`` (None is any), and whatever ``source`` holds later.

    Returns the exit status when a signal ends it: 0, or 1 where no worker could serve, which is told. ``on_ready`` is
    told the (host, port) of every listener. Raises OSError, before anything is started, where one can not be bound.
    """
    raise_file_limit()
    sockets = Sockets(len(cpus))
    try:
        serving = Serving(snapshot.generation, snapshot.digest)
        package = package_of(snapshot, sockets)
        del snapshot  # the workers' now
        sockets.adopt(package.sockets)
        return asyncio.run(Control(cpus, sockets, source, console).serve(package, serving, on_ready))
    finally:
        sockets.close()


class Control:
    """What control does between its start and its end."""

    def __init__(self, cpus: Sequence[int | None], sockets: Sockets, source: Source, console: Console) -> None:
        self._sockets = sockets
        self._source = source
        self._console = console
        self._tasks = Tasks()
        self._supervisor = Supervisor(cpus, self._tasks, console.say)

    async def serve(self, package: Package, serving: Serving, on_ready: OnReady) -> int:
        """Until a signal says otherwise; returns the exit status."""
        loop = asyncio.get_running_loop()
        stop = StopSignals(loop)
        reloader = Reloader(self._source, self._sockets, self._supervisor, self._console, serving)
        loop.add_signal_handler(signal.SIGHUP, reloader.ask)
        where = addresses(package.sockets)
        problems = await self._supervisor.start(package)
        for problem in problems:
            self._console.say(f"moongate: {problem}")
        if problems:
            stop.second.set()
        else:
            on_ready(where)
            self._tasks.spawn(reloader.follow())
            await stop.first.wait()
        self._sockets.close()  # nobody waits in a queue that is served no longer
        await self._supervisor.stop(stop.second)
        await self._tasks.cancel()
        return PROBLEMS if problems else FINE
