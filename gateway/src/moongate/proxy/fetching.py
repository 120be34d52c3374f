"""What filters ask of services, on behalf of an exchange that waits (filters.port.Fetching)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.core.fetching import FetchFailed
from moongate.proxy.request_side import RequestSide
from moongate.upstream.fetch import Fetch

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.core.fetching import Fetched, FetchRequest


class Fetcher:
    """Asks on behalf of exchanges of this worker, and of no others: they hold the services and the connections."""

    __slots__ = ()

    async def fetch(self, exchange: Exchange, request: FetchRequest) -> Fetched:
        service = _side(exchange).services.get(request.service)
        if service is None:
            raise FetchFailed("no_such_service")
        lines = b"%bX-Request-Id: %b\r\n" % (request.lines, exchange.id)
        return await Fetch(service, request._replace(lines=lines)).answer()

    def forwarded(self, exchange: Exchange) -> bytes:
        return _side(exchange).forwarded()


def _side(exchange: Exchange) -> RequestSide:
    assert isinstance(exchange, RequestSide)
    return exchange
