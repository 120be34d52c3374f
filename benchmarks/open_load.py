"""An open load: requests come when they come, at a given rate, whether or not the last ones have been answered.

Latency counts from the moment a request was due, so a gateway that stalls pays for all that had to wait (wrk, which
waits for an answer before it asks again, would not notice: coordinated omission).
"""

from __future__ import annotations

import ctypes
import os
import random
import select
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass

from benchmarks.model import BODY, BenchmarkError
from benchmarks.wrk import headers

CONNECTIONS = 64
GIVE_UP_S = 5.0
"""How long after the last request was due answers are waited for."""


@dataclass(frozen=True, slots=True)
class Latencies:
    """Of all requests due in the window, in milliseconds; and by how much the load itself was late in the mean."""

    p50_ms: float
    p99_ms: float
    late_ms: float


class Timer:
    """A timerfd(2): epoll's own timeout has steps of a millisecond, thirty requests at full speed."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor: int = self._libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0:
            raise BenchmarkError(f"no timer: {os.strerror(ctypes.get_errno())}")

    def wake_at(self, seconds: float) -> None:
        """Make the descriptor readable at a time of the monotonic clock (that of `time.monotonic`)."""
        whole, rest = divmod(seconds, 1.0)
        setting = struct.pack("qqqq", 0, 0, int(whole), int(rest * 1e9))
        self._libc.timerfd_settime(self.descriptor, 1, setting, None)  # 1: TFD_TIMER_ABSTIME

    def close(self) -> None:
        os.close(self.descriptor)


class OpenLoad:
    """Poisson arrivals over a fixed set of connections; those that find none free wait in line, their clock running."""

    def __init__(self, port: int) -> None:
        self._request = (
            f"GET /items/42 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            + "".join(f"{name}: {value}\r\n" for name, value in headers().items())
            + "\r\n"
        ).encode()
        self._sockets = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(CONNECTIONS)]
        self._by_descriptor = {item.fileno(): item for item in self._sockets}
        self._free = deque(self._sockets)
        self._due: dict[socket.socket, float] = {}
        self._waiting: deque[float] = deque()
        self._timer = Timer()
        self._epoll = select.epoll()
        self._epoll.register(self._timer.descriptor, select.EPOLLIN | select.EPOLLET)
        for item in self._sockets:
            item.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            item.setblocking(False)
            self._epoll.register(item, select.EPOLLIN)
        self._taken: list[float] = []
        self._late = 0.0

    def close(self) -> None:
        self._epoll.close()
        self._timer.close()
        for item in self._sockets:
            item.close()

    def run(self, rate: float, seconds: float, seed: int) -> Latencies:
        """Send for `seconds` at `rate` a second; raises BenchmarkError when an answer is missing or no success."""
        chance = random.Random(seed)
        self._taken, self._late = [], 0.0
        due = time.monotonic()
        end, asked = due + seconds, 0
        while due < end:
            now = time.monotonic()
            while due <= now and due < end:
                self._ask(due)
                asked += 1
                due += chance.expovariate(rate)
            self._wait_until(due)
        while len(self._taken) < asked:
            if time.monotonic() > end + GIVE_UP_S:
                raise BenchmarkError(f"{asked - len(self._taken)} of {asked} requests were not answered")
            self._wait_until(time.monotonic() + 0.1)
        return self._summary()

    def _summary(self) -> Latencies:
        taken = sorted(self._taken)
        count = len(taken)
        return Latencies(taken[count // 2] * 1e3, taken[count * 99 // 100] * 1e3, self._late / count * 1e3)

    def _ask(self, due: float) -> None:
        if not self._free:
            self._waiting.append(due)
            return
        self._late += time.monotonic() - due
        connection = self._free.popleft()
        self._due[connection] = due
        connection.send(self._request)

    def _wait_until(self, moment: float) -> None:
        """Sleep until `moment` or an answer, and take in all answers that are there."""
        self._timer.wake_at(moment)
        for descriptor, _ in self._epoll.poll():
            if descriptor != self._timer.descriptor:
                self._take(self._by_descriptor[descriptor])

    def _take(self, connection: socket.socket) -> None:
        answer = connection.recv(65536)
        if not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(BODY):
            # small answers come in one piece; Flask's server sends head and body apart
            answer = _whole(connection, answer)
        self._taken.append(time.monotonic() - self._due.pop(connection))
        if self._waiting:
            self._due[connection] = self._waiting.popleft()
            connection.send(self._request)
        else:
            self._free.append(connection)


def _whole(connection: socket.socket, answer: bytes) -> bytes:
    connection.settimeout(GIVE_UP_S)
    while answer and not answer.endswith(BODY):
        received = connection.recv(65536)
        if not received:
            break
        answer += received
    connection.setblocking(False)
    if not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(BODY):
        raise BenchmarkError(f"an answer was not a success: {answer[:80]!r}")
    return answer
