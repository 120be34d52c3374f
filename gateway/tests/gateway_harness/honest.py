"""`python honest.py PORT SECONDS`: two hundred requests a second on four kept-alive connections, each when it is due.

What they met is told as one JSON object. A program of its own, so that it waits for no attacker's lock.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from typing import NamedTuple

RATE = 200
_CONNECTIONS = 4
_REQUEST = b"GET /honest HTTP/1.1\r\nHost: a\r\n\r\n"
_PATIENCE_SECONDS = 30.0


class Met(NamedTuple):
    """``failed`` are the requests that were not answered 200; the times are in milliseconds."""

    requests: int
    failed: int
    p50: float
    p99: float
    longest: float


def honest_for(port: int, seconds: float) -> Met:
    """What honest clients meet for so long."""
    command = (sys.executable, __file__, str(port), str(seconds))
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=seconds + 2 * _PATIENCE_SECONDS)
    return Met(**json.loads(done.stdout))


def _ask(sock: socket.socket) -> bool:
    sock.sendall(_REQUEST)
    answer = b""
    while not answer.endswith(b"\r\n\r\nok"):
        piece = sock.recv(4096)
        if not piece:
            return False
        answer += piece
    return answer.startswith(b"HTTP/1.1 200 ")


def _connected(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _meet(port: int, seconds: float) -> Met:
    socks = [_connected(port) for _ in range(_CONNECTIONS)]
    taken: list[float] = []
    failed = 0
    began = time.perf_counter()
    for number in range(int(seconds * RATE)):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        asked = time.perf_counter()
        try:
            is_answered = _ask(socks[number % _CONNECTIONS])
        except OSError:
            is_answered = False
        taken.append((time.perf_counter() - asked) * 1000)
        if not is_answered:
            failed += 1
            socks[number % _CONNECTIONS].close()
            socks[number % _CONNECTIONS] = _connected(port)
    for sock in socks:
        sock.close()
    taken.sort()
    return Met(len(taken), failed, taken[len(taken) // 2], taken[len(taken) * 99 // 100], taken[-1])


if __name__ == "__main__":
    print(json.dumps(_meet(int(sys.argv[1]), float(sys.argv[2]))._asdict()))
