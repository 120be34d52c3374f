"""The access log: one JSON line for each exchange, written in batches by a thread of its own.

The loop only encodes (1.2 us a line) and hands over. Whoever reads the log may stall, a pipe may fill, a disk may hang:
lines are then dropped and counted, requests never wait.
"""

from __future__ import annotations

import logging
import os
import queue
import select
import stat
import threading
from time import time_ns
from typing import TYPE_CHECKING, Final

import msgspec

from moongate.core import limits
from moongate.core.clock import timestamp
from moongate.core.message import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from moongate.core.exchange import Exchange
    from moongate.core.message import RequestSection

_log = logging.getLogger("moongate.access")
_CHARS: Final = limits.LOG_VALUE_CHARS


class Line(msgspec.Struct):
    """One line, in this order. Durations in milliseconds; ``upstream_ms`` from the written request to the whole
    response."""

    ts: str
    request_id: str
    trace_id: str | None
    generation: int
    client: str | None
    route: str | None
    service: str | None
    target: str | None
    method: str | None
    path: str | None
    status: int
    code: str | None
    reason: str | None
    origin: str
    duration_ms: float
    upstream_ms: float | None
    retries: int
    bytes_in: int
    bytes_out: int
    remote: str
    user_agent: str | None


class AccessLog:
    """Observes exchanges (core.exchange.Observer). ``flush`` is called a few times a second; ``close`` writes the
    rest."""

    def __init__(self, fd: int, before_batch: Callable[[], None] | None = None) -> None:
        """``fd`` is written to and not closed; ``before_batch`` is called by the thread that writes."""
        self._fd = fd
        self._before_batch = before_batch
        self._encode_lines = msgspec.json.Encoder().encode_lines
        self._lines: list[Line] = []
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._handed = self._taken = 0  # octets that were put into the queue, and that its reader is done with
        self._writer = threading.Thread(target=self._write_batches, name="access-log", daemon=True)
        self._writer.start()
        self.dropped = 0  # lines

    def exchange_ended(self, exchange: Exchange) -> None:
        lines = self._lines
        lines.append(line_of(exchange))
        if len(lines) >= limits.LOG_BATCH_LINES:
            self.flush()

    def flush(self) -> None:
        """Hand what has gathered to the writer."""
        lines = self._lines
        if not lines:
            return
        self._lines = []
        batch = self._encode_lines(lines)
        if self._handed - self._taken + len(batch) > limits.LOG_QUEUE_BYTES:
            self.dropped += len(lines)
        else:
            self._handed += len(batch)
            self._queue.put(batch)

    def close(self, timeout_seconds: float = 2.0) -> None:
        """Write what is left, waiting no longer than ``timeout_seconds`` for a stuck reader."""
        self.flush()
        self._queue.put(None)
        self._writer.join(timeout_seconds)

    def _write_batches(self) -> None:
        # A file is opened to append, and takes any batch whole. A pipe is shared with the other workers.
        cuts = not stat.S_ISREG(os.fstat(self._fd).st_mode)
        while (batch := self._queue.get()) is not None:
            if self._before_batch is not None:
                self._before_batch()
            for piece in pieces_of(batch) if cuts else (batch,):
                if not self._write(memoryview(piece)):
                    break
            self._taken += len(batch)

    def _write(self, view: memoryview) -> bool:
        while view:
            try:
                written = os.write(self._fd, view)  # within the slice mypyc 2.4 would do it twice
                view = view[written:]
            except BlockingIOError:
                threading.Event().wait(0.05)  # the other end of a non-blocking pipe is slow
            except OSError as error:
                _log.error("the access log can not be written (%s): lines are lost", error.strerror)
                return False
        return True


def pieces_of(batch: bytes) -> Iterator[bytes]:
    """Whole lines, as many as a pipe takes in one piece (PIPE_BUF): what several processes write does not mix."""
    start = 0
    while start < len(batch):
        end = batch.rfind(b"\n", start, start + select.PIPE_BUF) + 1
        end = end or batch.find(b"\n", start) + 1 or len(batch)  # a line that is longer than that
        yield batch[start:end]
        start = end


def line_of(exchange: Exchange) -> Line:
    """What is told of ``exchange``. Values of the caller's are cut at 1 KiB; JSON escapes whatever they hold."""
    head, identity = exchange.head, exchange.identity
    trace_id = agent = method = path = None
    if head is not None:
        trace_id, agent = head.section.logged or _said(head.section)
        method, path = head.method.decode("ascii"), head.path.decode("ascii")[:_CHARS]
    upstream = exchange.upstream_started
    # round() to three places would take twice as long.
    duration = int((exchange.ended - exchange.started) * 1e6 + 0.5) / 1e3
    # By position: by name it takes half as long again.
    return Line(
        timestamp(time_ns() // 1_000_000),
        exchange.id.decode("ascii"),
        trace_id,
        exchange.generation,
        identity.client if identity is not None else None,
        exchange.route or None,
        exchange.service or None,
        exchange.target or None,
        method,
        path,
        exchange.status,
        exchange.code or None,
        exchange.reason or None,
        exchange.origin,
        duration,
        int((exchange.upstream_ended - upstream) * 1e6 + 0.5) / 1e3 if upstream else None,
        exchange.retries,
        exchange.bytes_in,
        exchange.bytes_out,
        exchange.remote,
        agent,
    )


def _said(section: RequestSection) -> tuple[str | None, str | None]:
    """The trace id and the user agent in ``section``, looked for once: a client that repeats itself has the same."""
    agent = value_of(section.lines, b"user-agent")
    trace_id = _trace_id(value_of(section.lines, b"traceparent"))
    section.logged = (trace_id, agent.decode("latin-1")[:_CHARS] if agent is not None else None)
    return section.logged


def _trace_id(traceparent: bytes | None) -> str | None:
    """The trace id of a W3C traceparent (version-traceid-parentid-flags), where it is one."""
    parts = (traceparent or b"").split(b"-")
    if len(parts) < 4 or len(parts[1]) != 32 or not parts[1].isalnum():
        return None
    return parts[1].decode("ascii")
