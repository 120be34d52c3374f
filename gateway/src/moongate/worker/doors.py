"""Listening sockets and the TLS on them: opened, and opened anew with other TLS without losing who waits outside."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from moongate.core import limits
from moongate.net.listener import address_of, bound_unsent
from moongate.net.tls import ListenerTls, TlsInvalid

if TYPE_CHECKING:
    import asyncio
    import socket

    from moongate.core.plans import ListenerTlsPlan
    from moongate.net.server import Server

_log = logging.getLogger("moongate.worker")


class Door:
    """A bound socket, and the TLS that is spoken on it."""

    def __init__(self, sock: socket.socket) -> None:
        bound_unsent(sock)
        self._sock = sock
        self._plan: ListenerTlsPlan | None = None
        self._tls: ListenerTls | None = None
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        return address_of(self._sock)

    def prepare(self, plan: ListenerTlsPlan | None) -> ListenerTls | None:
        """What ``plan`` says, made; what is there where it says the same. Raises TlsInvalid."""
        if plan == self._plan:
            return self._tls
        return ListenerTls(plan) if plan is not None else None

    async def open(
        self, loop: asyncio.AbstractEventLoop, server: Server, plan: ListenerTlsPlan | None, tls: ListenerTls | None
    ) -> None:
        """Accept connections from now on, with ``tls``, which was prepared for ``plan``. What was accepted before goes
        on as it began."""
        if self._server is not None:
            if tls is self._tls:
                return
            self._server.close()
        self._plan, self._tls = plan, tls
        # A duplicate: closing it ends the accepting, not the queue of those who wait for it.
        sock = self._sock.dup()
        make = server.make_connection if tls is None else partial(server.make_tls_connection, tls)
        self._server = await loop.create_server(make, sock=sock, backlog=limits.LISTEN_BACKLOG)

    def close(self) -> None:
        """Accept no more, and let go of the socket."""
        if self._server is not None:
            self._server.close()
        self._sock.close()

    def refresh(self) -> None:
        """Take up certificates that were renewed; a broken file is told, and the old certificate goes on."""
        try:
            if self._tls is not None and self._tls.refresh():
                _log.warning("took up new certificates for %s:%d", *self.address)
        except TlsInvalid as error:
            _log.error("kept the old certificates: %s", error)
