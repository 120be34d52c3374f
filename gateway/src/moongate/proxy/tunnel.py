"""A WebSocket after its 101: octets both ways, unread, until one side ends (RFC 6455, RFC 9110 section 7.8).

The exchange hands its two connections over and is told when the tunnel has ended. It is left politely: when the worker
drains, each side is sent a close frame 1001 between two frames, and has a moment to answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.core import limits
from moongate.net.wheel import NEVER, Wheel, ticks
from moongate.protocol.websocket import GOING_AWAY, POLICY_VIOLATION, FrameBoundaries, close_frame

if TYPE_CHECKING:
    from moongate.core.errors import Failure, MessageRefused
    from moongate.core.message import Field, ResponseHead
    from moongate.core.ports import Downstream, Upstream
    from moongate.filters import Refusal
    from moongate.proxy.exchange import ProxyExchange

_IDLE_TICKS: Final = ticks(limits.TUNNEL_IDLE_SECONDS)
_GOODBYE_TICKS: Final = ticks(limits.TUNNEL_GOODBYE_SECONDS)


class Tunnel:
    """DownstreamEvents and UpstreamEvents of core.ports for two connections that only carry octets."""

    __slots__ = (
        "_downstream",
        "_exchange",
        "_from_client",
        "_from_service",
        "_is_leaving",
        "_is_over",
        "_owes_client",
        "_owes_service",
        "_upstream",
        "_wheel",
        "due",
        "is_waiting",
        "queued",
    )

    def __init__(self, exchange: ProxyExchange, downstream: Downstream, upstream: Upstream, wheel: Wheel) -> None:
        self._exchange = exchange
        self._downstream = downstream
        self._upstream = upstream
        self._wheel = wheel
        self._from_client = FrameBoundaries()
        self._from_service = FrameBoundaries()
        self._owes_client = self._owes_service = False  # a close frame, at the next boundary
        self._is_leaving = False
        self._is_over = False
        self.is_waiting = False
        self.due = self.queued = NEVER

    def open(self) -> None:
        """The 101 is written: from here on octets pass."""
        self._wheel.arm(self, _IDLE_TICKS)
        self._downstream.exchange = self
        self._upstream.hand_over(self)
        self._downstream.open_tunnel()

    # -- the client's side

    def request_body(self, data: bytes) -> None:
        if self._is_over:
            return
        self._exchange.bytes_in += len(data)
        self._stay_open()
        self._from_client.feed(data)
        self._upstream.write(data)
        if self._owes_service:
            self._say_goodbye()

    def request_end(self, trailers: list[Field]) -> None:
        """A tunnel has no end but that of its connection."""

    def request_refused(self, refused: MessageRefused) -> None:
        self._end(refused.reason)

    def client_gone(self) -> None:
        self._end("")

    def pause_response(self) -> None:
        self._upstream.pause_reading()

    def resume_response(self) -> None:
        self._upstream.resume_reading()

    def drain(self) -> None:
        self._is_leaving = True
        self._owes_client = self._owes_service = True
        self._wheel.arm(self, _GOODBYE_TICKS)
        self._say_goodbye()

    # -- the service's side

    def upstream_ready(self, upstream: Upstream) -> None:
        """Never: the connection is there."""

    def upstream_failed(self, failure: Failure, reason: str) -> None:
        """Never: the connection is there."""

    def upstream_lost(self, failure: Failure, reason: str, is_silent: bool) -> None:
        self._end(reason)

    def response_interim(self, head: ResponseHead) -> None:
        """Never: after a 101 there are no heads."""

    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None:
        """Never: after a 101 there are no heads."""

    def response_body(self, data: bytes) -> None:
        self._exchange.bytes_out += len(data)
        self._stay_open()
        self._from_service.feed(data)
        self._downstream.write(data)
        if self._owes_client:
            self._say_goodbye()

    def response_end(self, trailers: list[Field]) -> None:
        self._end("")

    def pause_request(self) -> None:
        self._downstream.pause_body()

    def resume_request(self) -> None:
        self._downstream.resume_body()

    # -- the end

    def on_due(self) -> None:
        self._end("drained" if self._is_leaving else "tunnel_idle")

    def refuse(self, refusal: Refusal) -> None:
        """Its client may not go on. Both sides are told so where a frame has just ended, and cut off at once."""
        if self._is_over:
            return
        if not self._is_leaving:
            if self._from_service.is_between_frames:
                self._downstream.write(close_frame(POLICY_VIOLATION, is_masked=False))
            if self._from_client.is_between_frames:
                self._upstream.write(close_frame(GOING_AWAY, is_masked=True))
        self._exchange.code = refusal.failure.code
        self._end(refusal.reason)

    def _stay_open(self) -> None:
        if not self._is_leaving:
            self._wheel.arm(self, _IDLE_TICKS)

    def _say_goodbye(self) -> None:
        """Close frames, where a frame has just ended."""
        if self._owes_client and self._from_service.is_between_frames:
            self._owes_client = False
            self._downstream.write(close_frame(GOING_AWAY, is_masked=False))
        if self._owes_service and self._from_client.is_between_frames:
            self._owes_service = False
            self._upstream.write(close_frame(GOING_AWAY, is_masked=True))

    def _end(self, reason: str) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._wheel.disarm(self)
        self._upstream.finish()
        self._exchange.tunnel_ended(reason)
