"""What filters ask of services, on behalf of an exchange that waits (filters.port.Fetching)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from moongate.core.fetching import FetchFailed
from moongate.proxy.request_side import RequestSide
from moongate.upstream.fetch import Fetch

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.core.fetching import Fetched, FetchRequest


class Fetcher:
    """Asks on behalf of exchanges of this worker, and of no others: they hold the services and the connections."""

    __slots__ = ("_shared",)

    def __init__(self) -> None:
        self._shared: dict[bytes, asyncio.Future[Fetched | FetchFailed | None]] = {}

    async def fetch(self, exchange: Exchange, request: FetchRequest) -> Fetched:
        service = _side(exchange).services.get(request.service)
        if service is None:
            raise FetchFailed("no_such_service")
        lines = b"%bX-Request-Id: %b\r\n" % (request.lines, exchange.id)
        return await Fetch(service, request._replace(lines=lines)).answer()

    async def fetch_shared(self, key: bytes, exchange: Exchange, request: FetchRequest) -> Fetched:
        """Whoever comes first asks; where its client goes away, the next one does."""
        while (shared := self._shared.get(key)) is not None:
            answer = await asyncio.shield(shared)
            if isinstance(answer, FetchFailed):
                raise FetchFailed(answer.reason)
            if answer is not None:
                return answer
        shared = self._shared[key] = asyncio.get_running_loop().create_future()
        answer = None
        try:
            answer = await self.fetch(exchange, request)
        except FetchFailed as failed:
            answer = failed
            raise
        finally:
            del self._shared[key]
            shared.set_result(answer)
        return answer

    def forwarded(self, exchange: Exchange) -> bytes:
        return _side(exchange).forwarded()


def _side(exchange: Exchange) -> RequestSide:
    assert isinstance(exchange, RequestSide)
    return exchange
