"""A small request of the gateway's own to a service: over its pools, its TLS and its timeouts, like any exchange's.

What it sends changes nothing, so it is sent once more where a connection proves to have been dead, or to another target
where one can not be reached. Its answer is held in memory, so there is a bound to it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from moongate.core.errors import Failure, MessageRefused
from moongate.core.fetching import Fetched, FetchFailed, FetchRequest
from moongate.core.limits import FETCH_BYTES

if TYPE_CHECKING:
    from moongate.core.message import Field, ResponseHead
    from moongate.core.ports import Upstream
    from moongate.upstream.pool import TargetPool
    from moongate.upstream.service import ServiceState


class Fetch:
    """One of them (UpstreamEvents of core.ports)."""

    __slots__ = ("_body", "_future", "_head", "_is_second", "_pool", "_request", "_service", "_upstream", "is_waiting")

    _pool: TargetPool

    def __init__(self, service: ServiceState, request: FetchRequest) -> None:
        self._service = service
        self._request = request
        self._future: asyncio.Future[Fetched] = asyncio.get_running_loop().create_future()
        self._upstream: Upstream | None = None
        self._head: ResponseHead | None = None
        self._body = bytearray()
        self._is_second = False
        self.is_waiting = False

    def __repr__(self) -> str:
        return f"<Fetch {self._request.service} waiting={self.is_waiting} done={self._future.done()}>"

    async def answer(self) -> Fetched:
        """The whole answer. Raises FetchFailed; whoever cancels it closes the connection."""
        self._service.active += 1
        try:
            async with asyncio.timeout(self._request.seconds):
                self._connect(self._service.pick())
                return await self._future
        except TimeoutError:
            raise FetchFailed("timeout") from None
        finally:
            self._service.active -= 1
            self.is_waiting = False
            self._future.cancel()
            self._drop()

    def _connect(self, pool: TargetPool | None, *, is_redo: bool = False) -> None:
        if pool is None:
            self._fail("no_target_known")
            return
        self._pool = pool
        self.is_waiting = True
        try:
            upstream = pool.lease(self, is_redo=is_redo)
        except MessageRefused as refused:
            self.is_waiting = False
            self._fail(refused.reason)
            return
        if upstream is not None:
            self.upstream_ready(upstream)

    def _fail(self, reason: str) -> None:
        if not self._future.done():
            self._future.set_exception(FetchFailed(reason))

    def _drop(self) -> None:
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.close()

    def _other(self) -> TargetPool | None:
        """Another target, where there is one and this is the first try."""
        if self._is_second:
            return None
        self._is_second = True
        pool = self._service.pick(self._pool)
        return None if pool is self._pool else pool

    # what the pool and the connection tell

    def upstream_ready(self, upstream: Upstream) -> None:
        self.is_waiting = False
        self._upstream = upstream
        request = self._request
        framing = b"" if request.method == b"GET" else b"Content-Length: %d\r\n" % len(request.body)
        head = b"%b %b HTTP/1.1\r\nHost: %b\r\n%b%b\r\n" % (
            request.method,
            request.target,
            self._pool.authority,
            request.lines,
            framing,
        )
        upstream.begin(self, request.method, head + request.body, True)

    def upstream_failed(self, failure: Failure, reason: str) -> None:
        self.is_waiting = False
        other = self._other()
        if other is None:
            self._fail(reason)
        else:
            self._connect(other)

    def upstream_lost(self, failure: Failure, reason: str, is_silent: bool) -> None:
        upstream, self._upstream = self._upstream, None
        if is_silent and upstream is not None and upstream.is_reused and not self._is_second:
            self._is_second = True
            self._pool.discard_idle()  # siblings of the same age share its fate
            self._connect(self._service.pick(self._pool), is_redo=True)
            return
        self._pool.failures += 1
        other = self._other() if is_silent else None
        if other is None:
            self._fail(reason)
        else:
            self._connect(other)

    def response_interim(self, head: ResponseHead) -> None:
        """Of no interest."""

    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None:
        self._head = head
        if head.content_length > FETCH_BYTES:
            self._refuse_size()
            return
        self.response_body(body)
        if ended:
            self.response_end([])

    def response_body(self, data: bytes) -> None:
        if self._upstream is None:
            return  # it is closed, and this came with what was too much
        self._body += data
        if len(self._body) > FETCH_BYTES:
            self._refuse_size()

    def _refuse_size(self) -> None:
        self._drop()
        self._fail("answer_too_large")

    def response_end(self, trailers: list[Field]) -> None:
        upstream, self._upstream = self._upstream, None
        head = self._head
        if upstream is None or head is None:
            return
        if head.keep_alive:
            upstream.release(head.idle_seconds)
        else:
            upstream.close()
        if not self._future.done():
            self._future.set_result(Fetched(head.status, head.lines, bytes(self._body)))

    def pause_request(self) -> None:
        """It is written, and small."""

    def resume_request(self) -> None:
        """As above."""
