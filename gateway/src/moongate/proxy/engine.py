"""Where every request comes in, and the one pointer to the snapshot that decides over it."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from moongate.core.errors import INTERNAL, METHOD_REFUSED, USUAL_METHODS
from moongate.core.ids import RequestIds
from moongate.net.tasks import Tasks
from moongate.proxy.exchange import ProxyExchange
from moongate.proxy.forwarding import is_trusted
from moongate.proxy.lasting import Lasting
from moongate.proxy.overload import Overload

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from moongate.compile import Snapshot
    from moongate.core.errors import MessageRefused
    from moongate.core.exchange import Observer
    from moongate.core.message import RequestHead
    from moongate.core.ports import Downstream
    from moongate.filters import Filter
    from moongate.net.wheel import Wheel
    from moongate.upstream.service import ServiceState

_log = logging.getLogger("moongate.proxy")


class Live(Struct, frozen=True, eq=False):
    """A snapshot, and what lives of it: services, and filters that are bound; and what answers where the gateway
    itself is meant, by canonical path. An exchange keeps the one it began with."""

    snapshot: Snapshot
    services: Mapping[str, ServiceState]
    chains: Mapping[str, tuple[Filter, ...]] = MappingProxyType({})  # of routes that have filters, by their names
    own: Mapping[bytes, Filter] = MappingProxyType({})


class Engine:
    """Takes requests from downstream connections (core.ports.Handler)."""

    __slots__ = ("_loop", "ids", "is_draining", "lasting", "live", "observer", "overload", "tasks", "wheel")

    def __init__(
        self,
        live: Live,
        loop: asyncio.AbstractEventLoop,
        wheel: Wheel,
        observer: Observer | None,
        tasks: Tasks | None = None,
    ) -> None:
        self._loop = loop
        self.live = live  # the one pointer: a reload assigns it
        self.wheel = wheel
        self.tasks = tasks or Tasks()
        self.lasting = Lasting(self.tasks)
        self.observer = observer
        self.ids = RequestIds()
        self.overload = Overload()
        wheel.on_tick = self.overload.ticked
        self.is_draining = False  # every response says that it is its connection's last

    def handle(self, downstream: Downstream, head: RequestHead) -> None:
        exchange = ProxyExchange(self, downstream, head)
        downstream.exchange = exchange
        try:
            exchange.run()
        except (Exception, SystemExit):  # noqa: BLE001 - one request's fault must not end the connection of others
            _log.exception("request %s failed inside the gateway", exchange.id.decode("ascii"))
            exchange.fail(INTERNAL, "exception")

    def refuse(self, downstream: Downstream, refused: MessageRefused) -> None:
        exchange = ProxyExchange(self, downstream, None)
        downstream.exchange = exchange
        fields = ((b"Allow", b", ".join(USUAL_METHODS)),) if refused.failure is METHOD_REFUSED else ()
        exchange.fail(refused.failure, refused.reason, fields)

    def is_trusted(self, peer: str) -> bool:
        return is_trusted(peer, self.live.snapshot.trusted_proxies)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """For the rare wait that the wheel's grain is too coarse for: a retry's backoff."""
        self._loop.call_later(seconds, callback)
