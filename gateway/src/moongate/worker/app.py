"""The composition root: sockets, loop, engine, log, and how they start and stop together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvloop

from moongate.core import limits
from moongate.net.listener import address_of, bind
from moongate.net.server import Server
from moongate.net.tasks import Tasks
from moongate.net.wheel import Wheel
from moongate.observe.access_log import AccessLog
from moongate.proxy.engine import Engine, Live
from moongate.upstream.service import Services

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from moongate.compile import Snapshot

    OnReady = Callable[[list[tuple[str, int]]], None]

_STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def run(snapshot: Snapshot, on_ready: OnReady | None = None) -> int:
    """Serve ``snapshot`` until SIGTERM or SIGINT; returns the exit status.

    The first signal drains: no new connections, running exchanges get 30 s. The second ends at once. ``on_ready`` is
    told the (host, port) of every listener. Raises OSError, before anything is served, where an address can not be
    bound or the access log not be opened.
    """
    with contextlib.ExitStack() as stack:
        log_fd = stack.enter_context(_access_log_fd(snapshot.access_log))
        sockets = []
        for listener in snapshot.listeners:
            try:
                sock = bind(listener.host, listener.port)
            except OSError as error:
                error.filename = f"{listener.host}:{listener.port}"
                raise
            stack.callback(sock.close)
            sockets.append(sock)
        worker = Worker(snapshot, log_fd)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(worker.serve(sockets, on_ready))


@contextlib.contextmanager
def _access_log_fd(where: str | None) -> Iterator[int | None]:
    if where is None:
        yield None
    elif where in ("stdout", "stderr"):
        yield sys.stdout.fileno() if where == "stdout" else sys.stderr.fileno()
    else:
        fd = os.open(Path(where), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            yield fd
        finally:
            os.close(fd)


class Worker:
    """One event loop's gateway."""

    def __init__(self, snapshot: Snapshot, log_fd: int | None) -> None:
        self._snapshot = snapshot
        self._log_fd = log_fd

    async def serve(self, sockets: list[socket.socket], on_ready: OnReady | None = None) -> int:
        """Serve on the bound ``sockets`` until told to stop."""
        loop = asyncio.get_running_loop()
        wheel, tasks = Wheel(loop), Tasks()
        log = AccessLog(self._log_fd) if self._log_fd is not None else None
        services = Services(wheel, tasks)
        engine = Engine(Live(self._snapshot, services.adopt(self._snapshot.services)), loop, wheel, log)
        server = Server(loop, wheel, engine)
        flusher = _LogFlusher(loop, log) if log is not None else None
        stop = _StopSignals(loop)
        wheel.start()
        servers = [await loop.create_server(server.make_connection, sock=sock) for sock in sockets]
        try:
            if on_ready is not None:
                on_ready([address_of(sock) for sock in sockets])
            await stop.first.wait()
            for each in servers:
                each.close()
            engine.is_draining = True
            await _drain(server, stop.second)
        finally:
            wheel.stop()
            await tasks.cancel()
            for connection in list(server.connections):
                connection.abort()
            if flusher is not None:
                flusher.stop()
        return 0


async def _drain(server: Server, at_once: asyncio.Event) -> None:
    """Wait for the running exchanges, at most the drain time, or until told not to."""
    server.drain()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limits.DRAIN_SECONDS):
            while server.connections and not at_once.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(at_once.wait(), 0.05)


class _StopSignals:
    """The first signal and the second."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, self._received)

    def _received(self) -> None:
        (self.second if self.first.is_set() else self.first).set()


class _LogFlusher:
    """Hands the log's lines over a few times a second; once more at the end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, log: AccessLog) -> None:
        self._loop = loop
        self._log = log
        self._handle = loop.call_later(limits.LOG_FLUSH_SECONDS, self._flush)

    def stop(self) -> None:
        self._handle.cancel()
        self._log.close()

    def _flush(self) -> None:
        self._log.flush()
        self._handle = self._loop.call_later(limits.LOG_FLUSH_SECONDS, self._flush)
