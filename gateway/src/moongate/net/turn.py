"""Requests to services, written together once a turn of the loop has read all that there was.

A write wakes whoever waits at the other end. Where each is followed by the reading of the next request, a service that
is quick has gone back to sleep by then, and is woken for every one of them: 0.6 us of 17 a request with 64 clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


class Turn:
    """What one worker writes at the end of this turn."""

    __slots__ = ("_loop", "pending")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.pending: list[tuple[asyncio.Transport, bytes]] = []  # for `begin` to be called before the first

    def begin(self) -> None:
        """There will be something to write. One callback for all of it."""
        self._loop.call_soon(self._write)

    def _write(self) -> None:
        pending, self.pending = self.pending, []
        for transport, data in pending:
            if transport.is_closing():
                continue  # whoever wanted to know is gone, or it is this connection
            try:
                transport.write(data)
            except Exception as error:  # noqa: BLE001 - the others of this turn would never be asked
                transport.abort()
                self._loop.call_exception_handler({"message": f"{transport!r} takes no request", "exception": error})
