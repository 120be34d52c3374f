"""A gateway in one process: sockets, loop, worker, and how they start and stop together. For development; under
``moongate run`` with workers, ``worker.process`` does the same by control's orders."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import uvloop

from moongate.net.listener import bind
from moongate.worker.files import raise_file_limit
from moongate.worker.serving import Worker
from moongate.worker.stopping import StopSignals

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from moongate.compile import Snapshot

    OnReady = Callable[[list[tuple[str, int]]], None]


def run(snapshot: Snapshot, on_ready: OnReady | None = None) -> int:
    """Serve ``snapshot`` until SIGTERM or SIGINT; returns the exit status.

    The first signal drains: no new connections, running exchanges get 30 s. The second ends at once. ``on_ready`` is
    told the (host, port) of every listener. Before anything is served it raises OSError where an address can not be
    bound, and Unready for what else is wrong.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(bind(plan.host, plan.port)) for plan in snapshot.listeners]
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(snapshot, sockets, on_ready))


async def _serve(snapshot: Snapshot, sockets: Sequence[socket.socket], on_ready: OnReady | None) -> int:
    loop = asyncio.get_running_loop()
    worker = Worker(loop, raise_file_limit())
    try:
        await worker.commit(worker.prepare(snapshot, sockets))
        stop = StopSignals(loop)
        if on_ready is not None:
            on_ready(worker.addresses)
        await stop.first.wait()
        await worker.drain(stop.second)
    finally:
        await worker.close()
    return 0
