"""A gateway in one process: sockets, loop, worker, and how they start and stop together. For development; under
``moongate run`` with workers, ``worker.process`` does the same by control's orders."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import uvloop

from moongate.worker.files import raise_file_limit
from moongate.worker.serving import Worker
from moongate.worker.stopping import StopSignals

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from moongate.compile import Snapshot

    OnReady = Callable[[list[tuple[str, int]]], None]
    Around = Callable[[Worker], AbstractAsyncContextManager[None]]


def run(snapshot: Snapshot, sockets: Sequence[socket.socket], around: Around, on_ready: OnReady) -> int:
    """Serve ``snapshot`` on its listeners' ``sockets`` until SIGTERM or SIGINT; returns the exit status.

    The first signal drains as the snapshot says, SIGINT without notice. The second ends at once. ``around`` is entered
    before anything is served and left at the end; ``on_ready`` is told the (host, port) of every listener. Raises
    Unready.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(snapshot, sockets, around, on_ready))


async def _serve(snapshot: Snapshot, sockets: Sequence[socket.socket], around: Around, on_ready: OnReady) -> int:
    loop = asyncio.get_running_loop()
    worker = Worker(loop, raise_file_limit())
    async with around(worker), contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(worker.close)
        await worker.commit(worker.prepare(snapshot, sockets))
        stop = StopSignals(loop)
        on_ready(worker.addresses)
        await stop.first.wait()
        await worker.drain(stop.second, has_notice=not stop.is_interrupt)
    return 0
