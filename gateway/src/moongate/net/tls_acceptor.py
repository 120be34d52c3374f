"""Accepting TLS connections: counted from the first octet, not from the end of a handshake that may never come.

The loop's own server tells of a connection only once it has shaken hands. Until then it would hold 53 KiB and a
descriptor, whoever it is from and however many there are.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from moongate.core import limits
from moongate.net.server_connection import ServerConnection
from moongate.net.tasks import Tasks

if TYPE_CHECKING:
    import asyncio
    import socket

    from moongate.net.server import Server
    from moongate.net.tls import ListenerTls

_log = logging.getLogger("moongate.net")

_AT_A_TIME: Final = 64  # then others have their turn
_PAUSE_SECONDS: Final = 0.1  # where the system is out of descriptors


class TlsAcceptor:
    """Takes connections from ``sock``, which it closes when it is closed itself."""

    def __init__(self, sock: socket.socket, server: Server, tls: ListenerTls) -> None:
        self._sock = sock
        self._server = server
        self._tls = tls
        self._tasks = Tasks()  # what is left of them ends with the loop
        self._is_closed = False
        sock.setblocking(False)
        server.loop.add_reader(sock, self._accept)

    def close(self) -> None:
        """Accept no more; handshakes that have begun go on."""
        if not self._is_closed:
            self._is_closed = True
            self._server.loop.remove_reader(self._sock)
            self._sock.close()

    def _accept(self) -> None:
        for _ in range(_AT_A_TIME):
            try:
                sock, address = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                _log.error("no connection can be accepted: %s", error.strerror)
                self._server.loop.remove_reader(self._sock)
                self._server.loop.call_later(_PAUSE_SECONDS, self._resume)
                return
            peer = str(address[0])
            if self._server.admission.enter(peer):
                sock.setblocking(False)
                self._tasks.spawn(self._shake_hands(sock, _Arriving(self._server, self._tls, peer)))
            else:
                sock.close()

    def _resume(self) -> None:
        if not self._is_closed:
            self._server.loop.add_reader(self._sock, self._accept)

    async def _shake_hands(self, sock: socket.socket, connection: _Arriving) -> None:
        try:
            await self._server.loop.connect_accepted_socket(
                lambda: connection,
                sock,
                ssl=self._tls.context,
                ssl_handshake_timeout=limits.CLIENT_HEAD_SECONDS,
                ssl_shutdown_timeout=limits.BODY_IDLE_SECONDS,  # the connection's own deadlines come first
            )
        except OSError:
            sock.close()  # no handshake, or none that we take part in
        finally:
            connection.arrive()


class _Arriving(ServerConnection):
    """Counted already; from its handshake on it counts as any connection does."""

    __slots__ = ("_counted_for",)

    def __init__(self, server: Server, tls: ListenerTls, peer: str) -> None:
        super().__init__(server, tls)
        self._counted_for: str | None = peer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.arrive()
        super().connection_made(transport)

    def arrive(self) -> None:
        """The handshake is over, well or badly."""
        peer, self._counted_for = self._counted_for, None
        if peer is not None:
            self._server.admission.leave(peer)
