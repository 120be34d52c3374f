"""What the downstream connections of one worker share: who handles requests, time, and how many there may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.net.admission import Admission
from moongate.net.server_connection import ServerConnection

if TYPE_CHECKING:
    import asyncio

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

    def make_connection(self, tls: ListenerTls | None = None) -> ServerConnection:
        return ServerConnection(self, tls)

    def drain(self) -> None:
        """No further request is taken up: idle connections close, the others when their exchange ends."""
        self.is_draining = True
        for connection in list(self.connections):
            connection.drain()
