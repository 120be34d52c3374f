"""The composition root: sockets, loop, engine, log, and how they start and stop together."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

import uvloop

from moongate.core import limits
from moongate.net.listener import address_of, bind
from moongate.net.server import Server
from moongate.net.tasks import Tasks
from moongate.net.tls import ListenerTls, TlsInvalid
from moongate.net.wheel import Wheel
from moongate.observe.access_log import AccessLog
from moongate.proxy.engine import Engine, Live
from moongate.upstream.service import Services

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from moongate.compile import Snapshot

    OnReady = Callable[[list[tuple[str, int]]], None]

_log = logging.getLogger("moongate.worker")

_STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def run(snapshot: Snapshot, on_ready: OnReady | None = None) -> int:
    """Serve ``snapshot`` until SIGTERM or SIGINT; returns the exit status.

    The first signal drains: no new connections, running exchanges get 30 s. The second ends at once. ``on_ready`` is
    told the (host, port) of every listener. Raises OSError, before anything is served, where an address can not be
    bound or the access log not be opened.
    """
    files = _raise_file_limit()
    with contextlib.ExitStack() as stack:
        log_fd = stack.enter_context(_access_log_fd(snapshot.access_log))
        doors = []
        for listener in snapshot.listeners:
            tls = ListenerTls(listener.tls) if listener.tls is not None else None
            try:
                sock = bind(listener.host, listener.port)
            except OSError as error:
                host = f"[{listener.host}]" if ":" in listener.host else listener.host
                error.filename = f"{host}:{listener.port}"
                raise
            stack.callback(sock.close)
            doors.append(Door(sock, tls))
        worker = Worker(snapshot, log_fd, files)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(worker.serve(doors, on_ready))


def _raise_file_limit() -> int:
    """How many files this process may open: as many as it may allow itself. Shells start programs with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return soft
    return hard


@contextlib.contextmanager
def _access_log_fd(where: str | None) -> Iterator[int | None]:
    if where is None:
        yield None
    elif where in ("stdout", "stderr"):
        yield sys.stdout.fileno() if where == "stdout" else sys.stderr.fileno()
    else:
        fd = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            yield fd
        finally:
            os.close(fd)


class Door(NamedTuple):
    """A bound socket, and the TLS that is spoken on it."""

    sock: socket.socket
    tls: ListenerTls | None

    async def open(self, loop: asyncio.AbstractEventLoop, server: Server) -> asyncio.Server:
        """Accept connections from now on."""
        tls = self.tls
        if tls is None:
            return await loop.create_server(server.make_connection, sock=self.sock)
        return await loop.create_server(
            lambda: server.make_connection(tls),
            sock=self.sock,
            ssl=tls.context,
            ssl_handshake_timeout=limits.CLIENT_HEAD_SECONDS,
            ssl_shutdown_timeout=limits.LINGER_SECONDS,
        )


class Worker:
    """One event loop's gateway."""

    def __init__(self, snapshot: Snapshot, log_fd: int | None, files: int) -> None:
        self._files = files
        self._snapshot = snapshot
        self._log_fd = log_fd

    async def serve(self, doors: list[Door], on_ready: OnReady | None = None) -> int:
        """Serve on the bound sockets until told to stop."""
        loop = asyncio.get_running_loop()
        wheel, tasks = Wheel(loop), Tasks()
        log = AccessLog(self._log_fd) if self._log_fd is not None else None
        services = Services(wheel, tasks)
        engine = Engine(Live(self._snapshot, services.adopt(self._snapshot.services)), loop, wheel, log)
        server = Server(loop, wheel, engine)
        bounds = self._snapshot.limits
        engine.overload.cap = bounds.in_flight
        # One in ten is left for the services' side; without any left, neither could be accepted nor dialled.
        server.admission.max_connections = max(1, min(bounds.connections, self._files * 9 // 10 - limits.SPARE_FILES))
        server.admission.max_per_address = bounds.connections_per_address
        flusher = _Every(loop, limits.LOG_FLUSH_SECONDS, log.flush) if log is not None else None
        stop = _StopSignals(loop)
        wheel.start()
        gc.collect()
        gc.freeze()  # 10,000 routes are half a million objects that no later collection need visit
        servers = [await door.open(loop, server) for door in doors]
        certificates = _Every(loop, limits.CERTIFICATE_CHECK_SECONDS, lambda: _refresh(doors))
        try:
            if on_ready is not None:
                on_ready([address_of(door.sock) for door in doors])
            await stop.first.wait()
            for each in servers:
                each.close()
            engine.is_draining = True
            await _drain(server, stop.second)
        finally:
            certificates.stop()
            wheel.stop()
            await tasks.cancel()
            for connection in list(server.connections):
                connection.abort()
            if log is not None and flusher is not None:
                flusher.stop()
                log.close()
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


class _Every:
    """Calls something again and again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, call: Callable[[], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._call = call
        self._handle = loop.call_later(seconds, self._run)

    def stop(self) -> None:
        self._handle.cancel()

    def _run(self) -> None:
        self._handle = self._loop.call_later(self._seconds, self._run)
        self._call()


def _refresh(doors: list[Door]) -> None:
    """Take up certificates that were renewed; a broken file is told, and the old certificate goes on."""
    for door in doors:
        try:
            if door.tls is not None and door.tls.refresh():
                _log.warning("took up new certificates for %s:%d", *address_of(door.sock))
        except TlsInvalid as error:
            _log.error("kept the old certificates: %s", error)
