"""A whole gateway in memory: real connections, engine and pool on transports of bytes, in time moved by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway_harness.fake_transport import FakeTransport
from gateway_harness.gateway_process import one_service
from gateway_harness.ticking import Ticking
from moongate.compile.compiler import compile_config
from moongate.config import parse
from moongate.net.client import ClientConnection
from moongate.net.server import Server
from moongate.net.tasks import Tasks
from moongate.proxy.engine import Engine, Live
from moongate.upstream.service import Services

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange


class MemoryGateway:
    """One service, one route. ``ended`` are the exchanges that ended, in order."""

    def __init__(self, more: str = "", route: str = "") -> None:
        self.time = Ticking()
        self.ended: list[Exchange] = []
        config = parse(f"version: 1\n{one_service('http://127.0.0.1:1', more=more, route=route)}", "memory.yaml")
        snapshot = compile_config(config, generation=1)
        services = Services(self.time.wheel, Tasks(), self.time.turn)
        live = services.adopt(services.prepare(snapshot.services))
        self.engine = Engine(Live(snapshot, live), self.time.loop.as_loop, self.time.wheel, self)
        self.server = Server(self.time.loop.as_loop, self.time.wheel, self.engine)
        self._pool = live["origin"].pick()

    def exchange_ended(self, exchange: Exchange) -> None:
        self.ended.append(exchange)

    def client(self) -> FakeTransport:
        """A client's new connection."""
        return FakeTransport(self.time.loop, self.server.make_connection())

    def service(self) -> FakeTransport:
        """The service takes a connection, idle or for the exchange that waits longest."""
        connection = ClientConnection(self._pool, self.time.wheel, self.time.turn)
        transport = FakeTransport(self.time.loop, connection)
        self._pool._total += 1  # what a dial does
        self._pool._offer(connection)
        return transport
