"""The first half of an exchange: from its head to the last octet of the request, in numbered steps.

 1  the head is there: which route?
 2  the route's filters: may it go on? (`filtering`)
 3  the route's service: which target, which connection?
 4  the request is written

Until the first octet of an answer nothing is lost: a target that can not be reached is replaced by another, and a
connection that had died before it saw the request by a fresh one.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from moongate.core import limits
from moongate.core.clock import monotonic
from moongate.core.errors import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    NO_HEALTHY_TARGET,
    OVERLOADED,
    UPGRADE_REFUSED,
    UPGRADE_REQUIRED,
    Failure,
    MessageRefused,
)
from moongate.core.exchange import Exchange
from moongate.core.ids import is_request_id
from moongate.core.message import RequestHead, RequestSection
from moongate.net.wheel import NEVER, ticks
from moongate.protocol.http1.encode import CONTINUE, chunk_head, last_chunk
from moongate.protocol.http1.framing import has_token
from moongate.protocol.websocket import VERSION, WEBSOCKET, is_handshake
from moongate.proxy.filtering import Filtering
from moongate.proxy.forwarding import (
    Networks,
    client_address,
    client_authority,
    client_scheme,
    forwarded_lines,
    is_trusted,
)
from moongate.proxy.heads import allowed_trailers, request_bytes, section_bytes
from moongate.routing import Miss

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moongate.compile import RoutePlan
    from moongate.core.message import Field, ResponseHead
    from moongate.core.ports import Downstream, Upstream
    from moongate.proxy.engine import Engine
    from moongate.upstream.pool import TargetPool
    from moongate.upstream.service import ServiceState

_QUEUE_TICKS: Final = ticks(limits.POOL_QUEUE_SECONDS)
# RFC 9110 section 9.2.2: doing these twice is doing them once.
IDEMPOTENT: Final = frozenset((b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"))
_NO_REQUEST: Final = RequestHead(b"", b"", b"", RequestSection())  # what an answer to octets that were none goes by
_NO_REQUEST.section.keep_alive = False


class RequestSide(Filtering):
    """What moves while the request is on its way. ``fail`` ends it, and is the whole exchange's to write."""

    __slots__ = (
        "_chunks_out",
        "_has_answered",
        "_head",
        "_is_budgeted",
        "_is_collecting",
        "_is_lasting",
        "_is_upgrade",
        "_keep_alive",
        "_live",
        "_pending",
        "_plan",
        "_pool",
        "_replay_bytes",
        "_response",
        "_section",
        "_service",
        "_trailers",
        "_upstream",
        "due",
        "is_waiting",
        "queued",
    )

    _plan: RoutePlan
    _pool: TargetPool
    _service: ServiceState | None

    def __init__(self, engine: Engine, downstream: Downstream, head: RequestHead | None) -> None:
        live = engine.live
        # Not super(), which makes an object first.
        Exchange.__init__(self, engine.ids.make(), live.snapshot.generation, head, downstream.peer, monotonic())
        self.certificate = downstream.certificate
        self._engine = engine
        self._live = live
        self._asking = None
        self._downstream = downstream
        self._upstream: Upstream | None = None
        self._service = None
        self._response: ResponseHead | None = None
        self._has_answered = False  # some octet of the final response went to the client
        self._is_done = False
        self._head = request = _NO_REQUEST if head is None else head  # as `head`, for those who need not ask
        self._section = section = request.section
        self._keep_alive = section.keep_alive and not engine.is_draining
        self._chunks_out = False
        self._request_ended = head is not None and not section.has_body
        self._pending: list[bytes] | None = None  # body octets not written yet, or kept until the first response octet
        self._replay_bytes = 0  # how many of them; beyond the limit -1, and the request can not be redone
        self._trailers: list[Field] | None = None
        self._is_budgeted = False  # its retry counts against the service's budget
        self._is_collecting = self._is_lasting = False
        self._is_upgrade = False
        self.is_waiting = False

    @property
    def services(self) -> Mapping[str, ServiceState]:
        """Those of the config that this exchange began under."""
        return self._live.services

    def forwarded(self) -> bytes:
        """What a service is told of the way that the request came, as whole field lines."""
        trusted = self._live.snapshot.trusted_proxies
        return forwarded_lines(self._head, self._downstream, self._section.authority, trusted, self.edits)

    # 1 the head is there: which route?

    def run(self) -> None:
        head = self._head
        snapshot = self._live.snapshot
        if snapshot.trusted_proxies:
            self._believe(snapshot.trusted_proxies)
        if self._live.own and head.path in self._live.own:
            self._filter((self._live.own[head.path],))
            return
        plan = snapshot.router.find(head)
        if isinstance(plan, Miss):
            self.fail(plan.failure, plan.reason, ((b"Allow", b", ".join(plan.allowed)),) if plan.allowed else ())
            return
        self._plan = plan
        self.route = plan.name
        section = self._section
        if section.content_length > plan.max_body:
            self.fail(BODY_TOO_LARGE, "content_length")
            return
        if section.upgrade and not self._may_upgrade(section):
            return
        if plan.priority < self._engine.overload.floor:
            self.fail(OVERLOADED, "shed")
            return
        if plan.filters:
            self._filter(self._live.chains[plan.name])
        else:
            self._forward()

    @property
    def scheme(self) -> str:
        return client_scheme(self._head, self._downstream, self._live.snapshot.trusted_proxies)

    def public_origin(self) -> str:
        authority = client_authority(self._head, self._downstream, self._live.snapshot.trusted_proxies)
        return f"{self.scheme}://{authority.decode('latin-1')}"

    def _forward(self) -> None:
        section = self._section
        self._service = service = self._live.services[self._plan.service.name]
        self.service = service.name
        service.active += 1
        overload = self._engine.overload
        overload.in_flight += 1
        if overload.in_flight >= overload.soft_cap:
            overload.judge()
        if self.body_check and not self._check_body(self._pending or (), is_whole=self._request_ended):
            return
        if section.has_body and not self._request_ended:
            # A slow client holds no connection to the service: its body is awaited, or enough to show that it is quick.
            self._is_collecting = True
            self._downstream.resume_body()  # a filter may have had it wait
            if section.expects_continue:
                self._downstream.write(CONTINUE)
        else:
            self._connect(service.only or service.pick())

    def _collect(self) -> None:
        """Go on to the service once 64 KiB are here, or where a live stream has shown its pace for a second, unless it
        is to be judged as a whole."""
        if self._replay_bytes <= limits.REPLAY_BYTES:
            seconds = monotonic() - self.started
            if seconds < 1 or self.body_check is not None or self.bytes_in < seconds * limits.QUICK_BYTES_PER_SECOND:
                return
        self._is_collecting = False
        assert self._service is not None
        self._connect(self._service.pick())

    def _may_upgrade(self, section: RequestSection) -> bool:
        """Whether to go on: an upgrade is passed on where the route allows it and the handshake is one. The offer of
        h2c is not taken up but answered in HTTP/1.1, as RFC 9110 section 7.8 allows; it never reaches a service."""
        offered = section.upgrade.lower()
        if offered != WEBSOCKET:
            if has_token(offered, b"h2c"):
                return True
            self.fail(UPGRADE_REFUSED, "upgrade_unknown")
        elif WEBSOCKET not in self._plan.upgrades:
            self.fail(UPGRADE_REFUSED, "upgrade_not_allowed")
        elif not is_handshake(self._head):
            self.fail(BAD_REQUEST, "bad_websocket_handshake")
        elif self._head.get(b"sec-websocket-version") != VERSION:
            self.fail(UPGRADE_REQUIRED, "websocket_version", ((b"Sec-WebSocket-Version", VERSION),))
        else:
            self._is_upgrade = True
            return True
        return False

    def _believe(self, trusted: Networks) -> None:
        """The peer may be a proxy of ours: then it is believed about whom it speaks for, and about the request's id."""
        head, peer = self._head, self._downstream.peer
        if is_trusted(peer, trusted):
            self.remote = client_address(head, peer, trusted)
            request_id = self._section.request_id
            if request_id is not None and is_request_id(request_id):
                self.id = request_id

    # 3 which target, which connection?

    def _connect(self, pool: TargetPool | None, *, is_redo: bool = False) -> None:
        if pool is None:
            self.fail(NO_HEALTHY_TARGET, "no_target_known")
            return
        self._pool = pool
        self.target = pool.url
        try:
            upstream = pool.lease(self, is_redo=is_redo)
        except MessageRefused as refused:
            self.fail(refused.failure, refused.reason)
            return
        if upstream is not None:
            self.upstream_ready(upstream)
            return
        self.is_waiting = True
        self.due = self.queued = NEVER
        if not self._request_ended:
            self._downstream.pause_body()
        self._engine.wheel.arm(self, _QUEUE_TICKS)

    def on_due(self) -> None:
        if self.is_waiting:
            self.upstream_failed(OVERLOADED, "pool_queue_timeout")

    def upstream_failed(self, failure: Failure, reason: str) -> None:
        """No connection, so nothing was sent: whatever the method, another try is safe. At another target it is no more
        work than the first try would have been, so it is not the budget's; there would be no budget large enough for a
        target that has just died."""
        self._stop_waiting()
        assert self._service is not None
        pool = self._service.pick(self._pool)
        is_elsewhere = pool is not self._pool
        if failure is OVERLOADED or not self._take_retry(is_budgeted=not is_elsewhere):
            self.fail(failure, reason)
        elif is_elsewhere:
            self._connect(pool)
        else:
            delay = limits.RETRY_BACKOFF_SECONDS * (0.5 + random.random())  # noqa: S311
            self._engine.call_later(delay, self._retry)

    def _retry(self) -> None:
        if not self._is_done:
            self._connect(self._pool)

    def _take_retry(self, *, is_budgeted: bool = True) -> bool:
        service = self._service
        if service is None or self.retries >= limits.RETRY_LIMIT or (is_budgeted and not service.may_retry()):
            return False
        self.retries += 1
        if is_budgeted:
            self._is_budgeted = True
            service.retrying += 1
        return True

    def _stop_waiting(self) -> None:
        if self.is_waiting:
            self.is_waiting = False
            self._engine.wheel.disarm(self)

    # 4 the request is written

    def upstream_ready(self, upstream: Upstream) -> None:
        if self.is_waiting:
            self._stop_waiting()
            self.upstream_started = monotonic()
        else:
            self.upstream_started = self.started
        self._upstream = upstream
        method, section = self._head.method, self._section
        if section.written_under is not self._live or section.written_edits is not self.edits or not section.authority:
            self._write_section(section)
        head = request_bytes(self._head, section.written, self.id, self.query)
        if not section.has_body:
            upstream.begin(self, method, head, True)
            if self._is_upgrade:
                upstream.await_upgrade()
            return
        pending = self._pending or []
        if method not in IDEMPOTENT or self._replay_bytes > limits.REPLAY_BYTES:
            self._forget_body()
        if self._request_ended and not section.chunked:
            upstream.begin(self, method, b"".join((head, *pending)), True)
            return
        upstream.begin(self, method, head, False)
        self._send_body(pending)

    def _send_body(self, pending: list[bytes]) -> None:
        """What has come of the body, and then the rest as it comes."""
        for data in pending:
            self._write_body(data)
        if self._request_ended:
            self._end_request()
        else:
            self._downstream.resume_body()

    def _write_section(self, section: RequestSection) -> None:
        """For the service, as the snapshot and the filters have it; requests that say the same again go on with it."""
        authority = section.authority or self._pool.authority
        trusted = self._live.snapshot.trusted_proxies
        forwarded = forwarded_lines(self._head, self._downstream, authority, trusted, self.edits)
        if self._is_upgrade:
            forwarded += b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
        lines = section.lines
        if self.edits is not None:
            lines = self.edits.apply(lines)
        section.written = section_bytes(self._head, authority, lines, forwarded)
        section.written_under, section.written_edits = self._live, self.edits

    def request_body(self, data: bytes) -> None:
        self.bytes_in += len(data)
        if self.bytes_in > self._plan.max_body:
            self.fail(BODY_TOO_LARGE, "body_grew")
            return
        if self.body_check is not None and self._service is not None:
            is_whole = self.bytes_in == self._section.content_length
            if not self._check_body((data,), is_whole=is_whole):
                return
        if self._replay_bytes >= 0:
            if self._pending is None:
                self._pending = []
            self._pending.append(data)
            self._replay_bytes += len(data)
            if self._upstream is not None and self._replay_bytes > limits.REPLAY_BYTES:
                self._forget_body()
        if self._is_collecting:
            self._collect()
        elif self._upstream is not None:
            self._write_body(data)

    def request_end(self, trailers: list[Field]) -> None:
        self._request_ended = True
        if self.body_check and self._service and self._section.chunked and not self._check_body((), is_whole=True):
            return
        if trailers and self._section.takes_trailers:
            self._trailers = trailers
        if self._is_collecting:
            self._is_collecting = False
            assert self._service is not None
            self._connect(self._service.pick())
        elif self._upstream is not None:
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
            self._upstream.write(last_chunk(allowed_trailers(self._trailers, self.edits) if self._trailers else []))
        self._upstream.end_request()

    def _forget_body(self) -> None:
        self._pending = None
        self._replay_bytes = -1
