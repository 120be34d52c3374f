"""Clients that mean ill: many connections that hold what they can for as long as they can."""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import threading
import time
from typing import Self

DRIP_SECONDS = 1.0
_AT_ONCE = 5


class Attackers:
    """``count`` connections from addresses of their own, each sending ``opening`` and then ``drip`` once a second, one
    after the other as connections that were opened so do.

    They read nothing, unless the gateway has ended them; ``ended`` counts those.
    """

    def __init__(self, port: int, count: int, opening: bytes, drip: bytes = b"", network: int = 1) -> None:
        self._port = port
        self._count = count
        self._opening = opening
        self._drip = drip
        self._network = network
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._socks: list[socket.socket] = []
        self.is_in_place = threading.Event()
        self.ended = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.is_in_place.wait(30)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._is_over.set()
        self._thread.join(30)
        for sock in self._socks:
            sock.close()

    def _run(self) -> None:
        for number in range(self._count):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.bind((f"127.{self._network}.{number // 250}.{number % 250 + 1}", 0))
            sock.connect(("127.0.0.1", self._port))
            sock.sendall(self._opening)
            self._socks.append(sock)
        self.is_in_place.set()
        if self._drip:
            self._go_on()

    def _go_on(self) -> None:
        selector = selectors.DefaultSelector()
        for sock in self._socks:
            sock.setblocking(False)
            selector.register(sock, selectors.EVENT_READ)
        left = set(self._socks)
        while not self._is_over.is_set() and left:
            began = time.monotonic()
            for number, sock in enumerate(random.sample(sorted(left, key=id), len(left))):
                with contextlib.suppress(OSError):
                    sock.send(self._drip)
                if number % _AT_ONCE == 0:
                    self._note_ended(selector, left)
                    self._is_over.wait(max(0.0, began + DRIP_SECONDS * number / len(self._socks) - time.monotonic()))
                if self._is_over.is_set():
                    break
            self._is_over.wait(max(0.0, began + DRIP_SECONDS - time.monotonic()))
            self._note_ended(selector, left)
        selector.close()

    def _note_ended(self, selector: selectors.BaseSelector, left: set[socket.socket]) -> None:
        for key, _ in selector.select(0):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            selector.unregister(sock)
            left.discard(sock)
            self.ended += 1
