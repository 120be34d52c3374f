"""What the downstream connections of one worker share: who handles requests, time, and how many there may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.net.admission import Admission
from moongate.net.server_connection import ServerConnection
from moongate.net.tls_transport import TlsTransport

if TYPE_CHECKING:
    import asyncio
    import socket

    from moongate.core.ports import Handler
    from moongate.net.tls import ListenerTls
    from moongate.net.wheel import Wheel


class Server:
    """What the connections of one worker share."""

    __slots__ = ("admission", "connections", "handler", "is_draining", "loop", "wheel")

    def __init__(self, loop: asyncio.AbstractEventLoop, wheel: Wheel, handler: Handler) -> None:
        self.loop = loop
        self.wheel = wheel
        self.handler = handler
        self.connections: set[ServerConnection] = set()
        self.is_draining = False
        self.admission = Admission(handler.is_trusted)

    def make_connection(self) -> ServerConnection:
        """For a connection in clear."""
        return ServerConnection(self)

    def make_tls_connection(self, tls: ListenerTls) -> TlsTransport:
        """For a connection with which hands are to be shaken."""
        return TlsTransport(tls.context, self, ServerConnection(self, tls))

    def hand_over(self, count: int) -> list[socket.socket]:
        """The sockets of up to ``count`` connections on which nothing is going on, for another worker to go on with."""
        found: list[socket.socket] = []
        for connection in list(self.connections):
            if len(found) == count:
                break
            try:
                sock = connection.hand_over()
            except OSError:
                break  # no descriptors are left: these stay here
            if sock is not None:
                found.append(sock)
        return found

    async def take_over(self, sock: socket.socket) -> None:
        """Go on with a connection that was another worker's."""
        try:
            _, connection = await self.loop.connect_accepted_socket(self.make_connection, sock)
        except OSError:
            sock.close()  # its client is gone
        else:
            connection.arm()  # to its client it is not new, and may be idle for as long as any

    def drain(self) -> None:
        """No further request is taken up: idle connections close, the others when their exchange ends."""
        self.is_draining = True
        for connection in list(self.connections):
            connection.drain()
