"""One exchange, from its head to its end, in numbered steps.

 1  the head is there: which route?              4  the response head: framed for this client
 2  the route's service: which target, which     5  bytes flow both ways, each side held back by the other
    connection?                                  6  the end: connections go back or close, the observer is told once
 3  the request is written

It stands between its two connections and is called by both; nothing here waits. Either side may fail at any step, and
each failure ends in exactly one of: an answer (nothing was sent to the client yet), a cut connection (something was),
or silence (nobody is left).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from moongate.core import limits
from moongate.core.clock import monotonic
from moongate.core.errors import (
    BODY_TOO_LARGE,
    CLIENT_GONE,
    METHOD_NOT_ALLOWED,
    OVERLOADED,
    ROUTE_NOT_FOUND,
    Failure,
    MessageRefused,
)
from moongate.core.exchange import Exchange
from moongate.core.ids import is_request_id
from moongate.core.message import RequestSection
from moongate.net.wheel import NEVER, ticks
from moongate.protocol.http1.encode import CONTINUE, LAST_CHUNK, chunk_head, last_chunk
from moongate.proxy.forwarding import Networks, client_address, is_trusted, stranger_lines, trusted_lines
from moongate.proxy.heads import allowed_trailers, interim_bytes, request_bytes, response_bytes
from moongate.proxy.replies import problem_reply
from moongate.routing import Miss

if TYPE_CHECKING:
    from moongate.compile import RoutePlan
    from moongate.core.message import Field, RequestHead, ResponseHead
    from moongate.core.ports import Downstream, Upstream
    from moongate.proxy.engine import Engine
    from moongate.upstream.pool import TargetPool
    from moongate.upstream.service import ServiceState

_QUEUE_TICKS: Final = ticks(limits.POOL_QUEUE_SECONDS)
# RFC 9110 section 9.2.2: doing these twice is doing them once.
_IDEMPOTENT: Final = frozenset((b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"))
_NOTHING: Final = RequestSection()  # what an answer to octets that were no request goes by
_NOTHING.keep_alive = False
_SMALL_BYTES: Final = 16 * limits.KIB  # joined to the head and written at once; what is larger is not copied


class ProxyExchange(Exchange):
    """The moving parts of an exchange: DownstreamEvents and UpstreamEvents of core.ports, and a deadline of its own."""

    __slots__ = (
        "_chunks_out",
        "_downstream",
        "_engine",
        "_has_answered",
        "_is_done",
        "_keep_alive",
        "_live",
        "_pending",
        "_plan",
        "_pool",
        "_replay_bytes",
        "_request_ended",
        "_response",
        "_section",
        "_service",
        "_trailers",
        "_upstream",
        "due",
        "is_waiting",
        "queued",
    )

    head: RequestHead
    _plan: RoutePlan
    _pool: TargetPool
    _service: ServiceState | None

    def __init__(self, engine: Engine, downstream: Downstream, head: RequestHead | None) -> None:
        live = engine.live
        super().__init__(engine.ids.make(), live.snapshot.generation, head, downstream.peer, monotonic())
        self._engine = engine
        self._live = live
        self._downstream = downstream
        self._upstream: Upstream | None = None
        self._service = None
        self._response: ResponseHead | None = None
        self._has_answered = False  # some octet of the final response went to the client
        self._is_done = False
        section = head.section if head is not None else _NOTHING
        self._section = section
        self._keep_alive = section.keep_alive and not engine.is_draining
        self._chunks_out = False
        self._request_ended = head is not None and not section.has_body
        self._pending: list[bytes] = []  # body octets not written yet, or kept until the first response octet
        self._replay_bytes = 0  # how many of them; beyond the limit -1, and the request can not be redone
        self._trailers: list[Field] = []
        self.is_waiting = False
        self.due = self.queued = NEVER

    def __repr__(self) -> str:
        return f"<ProxyExchange {self.id.decode()} {self.route or '-'} status={self.status} waiting={self.is_waiting}>"

    # 1 the head is there: which route?

    def run(self) -> None:
        head = self.head
        snapshot = self._live.snapshot
        if snapshot.trusted_proxies:
            self._believe(snapshot.trusted_proxies)
        plan = snapshot.router.find(head)
        if isinstance(plan, Miss):
            if plan.code == "method_not_allowed":
                self.fail(METHOD_NOT_ALLOWED, "method", ((b"Allow", b", ".join(plan.allowed)),))
            else:
                self.fail(ROUTE_NOT_FOUND, "no_route")
            return
        self._plan = plan
        self.route = plan.name
        if self._section.content_length > plan.max_body:
            self.fail(BODY_TOO_LARGE, "content_length")
            return
        self._service = service = self._live.services[plan.service.name]
        self.service = service.name
        service.active += 1
        self._connect(service.pick())

    def _believe(self, trusted: Networks) -> None:
        """The peer may be a proxy of ours: then it is believed about whom it speaks for, and about the request's id."""
        head, peer = self.head, self._downstream.peer
        if is_trusted(peer, trusted):
            self.remote = client_address(head, peer, trusted)
            request_id = self._section.request_id
            if request_id is not None and is_request_id(request_id):
                self.id = request_id

    # 2 which target, which connection?

    def _connect(self, pool: TargetPool) -> None:
        self._pool = pool
        self.target = pool.url
        try:
            upstream = pool.lease(self)
        except MessageRefused as refused:
            self.fail(refused.failure, refused.reason)
            return
        if upstream is not None:
            self.upstream_ready(upstream)
            return
        self.is_waiting = True
        if not self._request_ended:
            self._downstream.pause_body()
        self._engine.wheel.arm(self, _QUEUE_TICKS)

    def on_due(self) -> None:
        if self.is_waiting:
            self.upstream_failed(OVERLOADED, "pool_queue_timeout")

    def upstream_failed(self, failure: Failure, reason: str) -> None:
        """No connection, so nothing was sent: whatever the method, another try is safe."""
        self._stop_waiting()
        if failure is OVERLOADED or not self._take_retry():
            self.fail(failure, reason)
            return
        assert self._service is not None
        pool = self._service.pick(self._pool)
        if pool is not self._pool:
            self._connect(pool)
        else:
            delay = limits.RETRY_BACKOFF_SECONDS * (0.5 + random.random())  # noqa: S311
            self._engine.call_later(delay, self._retry)

    def _retry(self) -> None:
        if not self._is_done:
            self._connect(self._pool)

    def _take_retry(self) -> bool:
        service = self._service
        if service is None or self.retries >= limits.RETRY_LIMIT or not service.may_retry():
            return False
        self.retries += 1
        service.retrying += 1
        return True

    def _stop_waiting(self) -> None:
        if self.is_waiting:
            self.is_waiting = False
            self._engine.wheel.disarm(self)

    # 3 the request is written

    def upstream_ready(self, upstream: Upstream) -> None:
        if self.is_waiting:
            self._stop_waiting()
            self.upstream_started = monotonic()
        else:
            self.upstream_started = self.started
        self._upstream = upstream
        method = self.head.method
        upstream.begin(self, method, self._request_bytes())
        if not self._section.has_body:
            upstream.end_request()
            return
        if self._section.expects_continue and not self._pending and not self._request_ended and not self.retries:
            self._downstream.write(CONTINUE)
        for data in self._pending:
            self._write_body(data)
        if method not in _IDEMPOTENT or self._replay_bytes > limits.REPLAY_BYTES:
            self._forget_body()
        if self._request_ended:
            self._end_request()
        else:
            self._downstream.resume_body()

    def _request_bytes(self) -> bytes:
        head, downstream = self.head, self._downstream
        authority = self._section.authority or self._pool.authority
        trusted = self._live.snapshot.trusted_proxies
        if trusted and is_trusted(downstream.peer, trusted):
            forwarded = trusted_lines(head, downstream.peer, downstream.scheme)
        else:
            if not downstream.forwarded:
                downstream.forwarded = stranger_lines(downstream.peer, downstream.scheme)
            forwarded = downstream.forwarded + authority + b"\r\n"
        return request_bytes(head, authority, forwarded, self.id)

    def request_body(self, data: bytes) -> None:
        self.bytes_in += len(data)
        if self.bytes_in > self._plan.max_body:
            self.fail(BODY_TOO_LARGE, "body_grew")
            return
        if self._replay_bytes >= 0:
            self._pending.append(data)
            self._replay_bytes += len(data)
            if self._upstream is not None and self._replay_bytes > limits.REPLAY_BYTES:
                self._forget_body()
        if self._upstream is not None:
            self._write_body(data)

    def request_end(self, trailers: list[Field]) -> None:
        self._request_ended = True
        if trailers and self._section.takes_trailers:
            self._trailers = allowed_trailers(trailers)
        if self._upstream is not None:
            self._end_request()

    def _write_body(self, data: bytes) -> None:
        assert self._upstream is not None
        if self._section.chunked:
            self._upstream.writelines((chunk_head(len(data)), data, b"\r\n"))
        else:
            self._upstream.write(data)

    def _end_request(self) -> None:
        assert self._upstream is not None
        if self._section.chunked:
            self._upstream.write(last_chunk(self._trailers))
        self._upstream.end_request()

    def _forget_body(self) -> None:
        self._pending = []
        self._replay_bytes = -1

    # 4 the response head

    def response_interim(self, head: ResponseHead) -> None:
        if head.status != 100 and self.head.minor == 1:  # 100 was answered here already
            self._downstream.write(interim_bytes(head))

    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None:
        self._response = head
        self._has_answered = True
        self.status = head.status
        self.origin = "upstream"
        if self._pending:
            self._forget_body()
        if not self._request_ended:
            self._keep_alive = False
        data = response_bytes(head, self._response_framing(head), self.id)
        self.bytes_out = size = len(body)
        if ended and not self._chunks_out:
            if size <= _SMALL_BYTES:
                self._downstream.write(data + body)
            else:
                self._downstream.writelines((data, body))
            self._end_response()
            return
        self._downstream.write(data)
        if body:
            self._write_response(body)
        if (head.get(b"content-type") or b"").startswith(b"text/event-stream") and self._upstream is not None:
            self._upstream.wait_forever()

    def _response_framing(self, head: ResponseHead) -> bytes:
        """Framing and connection fields for this client; decides whether its connection goes on."""
        status, minor = head.status, self.head.minor
        if status == 204:
            framing = b""
        elif head.content_length >= 0:
            framing = b"Content-Length: %d\r\n" % head.content_length
        elif status == 304 or self.head.method == b"HEAD":
            framing = b""
        elif minor == 1:
            self._chunks_out = True
            framing = b"Transfer-Encoding: chunked\r\n"
        else:
            self._keep_alive = False  # its end is the end of the connection
            framing = b""
        if not self._keep_alive:
            return framing + b"Connection: close\r\n"
        return framing if minor == 1 else framing + b"Connection: keep-alive\r\n"

    # 5 bytes flow both ways, each side held back by the other

    def response_body(self, data: bytes) -> None:
        self.bytes_out += len(data)
        self._write_response(data)

    def _write_response(self, data: bytes) -> None:
        if self._chunks_out:
            self._downstream.writelines((chunk_head(len(data)), data, b"\r\n"))
        else:
            self._downstream.write(data)

    def response_end(self, trailers: list[Field]) -> None:
        if self._chunks_out:
            kept = allowed_trailers(trailers) if trailers and self._section.takes_trailers else None
            self._downstream.write(last_chunk(kept) if kept else LAST_CHUNK)
        self._end_response()

    def pause_response(self) -> None:
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_response(self) -> None:
        if self._upstream is not None:
            self._upstream.resume_reading()

    def pause_request(self) -> None:
        if not self._request_ended:
            self._downstream.pause_body()

    def resume_request(self) -> None:
        if not self._request_ended:
            self._downstream.resume_body()

    # 6 the end

    def _end_response(self) -> None:
        upstream, self._upstream = self._upstream, None
        response = self._response
        assert upstream is not None
        assert response is not None
        self.upstream_ended = monotonic()
        if response.keep_alive and self._request_ended:
            upstream.release(response.idle_seconds)
        else:
            upstream.close()
        self._finish(self._keep_alive)

    def upstream_lost(self, failure: Failure, reason: str, is_silent: bool) -> None:
        upstream, self._upstream = self._upstream, None
        redoable = self.head.method in _IDEMPOTENT and self._replay_bytes >= 0
        if is_silent and upstream is not None and upstream.is_reused and redoable and self._take_retry():
            # It had closed before it saw the request; its idle siblings have the same age and fate.
            self._pool.discard_idle()
            self._connect(self._pool)
            return
        self.fail(failure, reason)

    def request_refused(self, refused: MessageRefused) -> None:
        self.fail(refused.failure, refused.reason)

    def client_gone(self) -> None:
        if self._is_done:
            return
        self.code, self.reason = CLIENT_GONE.code, "client_gone"
        if not self._has_answered:
            self.status = CLIENT_GONE.status
        self._drop_upstream()
        self._end()

    def fail(self, failure: Failure, reason: str, fields: tuple[Field, ...] = ()) -> None:
        """Answer with ``failure``; where the response has begun already, cut the connection, for that is all that is
        left."""
        if self._is_done:
            return
        self._drop_upstream()
        self.code, self.reason = failure.code, reason
        if self._has_answered:
            self._is_done = True
            self._downstream.abort()
            self._end()
            return
        self.status = failure.status
        self.origin = "gateway"
        keep_alive = self._keep_alive and not failure.closes
        is_head = False
        if self.head is not None:
            # Whoever awaits 100 (Continue) may send the body or not: nobody can tell where the next request begins.
            keep_alive = keep_alive and self._downstream.is_drainable and not self._section.expects_continue
            is_head = self.head.method == b"HEAD"
        reply, self.bytes_out = problem_reply(failure, self.id, keep_alive=keep_alive, bodiless=is_head, fields=fields)
        self._downstream.write(reply)
        self._finish(keep_alive)

    def _drop_upstream(self) -> None:
        self._stop_waiting()
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            self.upstream_ended = monotonic()
            upstream.close()

    def _finish(self, keep_alive: bool) -> None:
        self._is_done = True
        self._end()
        self._downstream.finish(keep_alive)

    def _end(self) -> None:
        self._is_done = True
        self._pending = []
        service = self._service
        if service is not None:
            service.active -= 1
            service.retrying -= self.retries
        observer = self._engine.observer
        if observer is not None:
            self.ended = monotonic()
            observer.exchange_ended(self)
