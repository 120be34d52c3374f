"""What a lower room may call in a higher one, and what the proxy may ask of its two sides.

``net`` knows bytes and connections but not what they are for; it calls upward only through these. All calls are
synchronous: a request goes from the socket it came from to the socket it leaves by in one call chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moongate.core.errors import Failure, MessageRefused
    from moongate.core.exchange import PeerCertificate
    from moongate.core.message import Field, RequestHead, ResponseHead


class DownstreamEvents(Protocol):
    """What a downstream connection tells the exchange that it carries."""

    def request_body(self, data: bytes) -> None: ...
    def request_end(self, trailers: list[Field]) -> None: ...
    def request_refused(self, refused: MessageRefused) -> None: ...
    def client_gone(self) -> None: ...
    def pause_response(self) -> None: ...
    def resume_response(self) -> None: ...
    def drain(self) -> None:
        """The worker is leaving; what would last for ever comes to an end."""


class Downstream(Protocol):
    """A downstream connection as the proxy sees it."""

    certificate: PeerCertificate | None
    exchange: DownstreamEvents | None
    forwarded: bytes
    peer: str
    scheme: str

    @property
    def is_drainable(self) -> bool:
        """Whether what is left of the request's body is small enough to be read and dropped."""

    def write(self, data: bytes) -> None: ...
    def writelines(self, pieces: Sequence[bytes]) -> None: ...
    def pause_body(self) -> None: ...
    def resume_body(self) -> None: ...
    def open_tunnel(self) -> None:
        """What follows is no HTTP: octets come as ``request_body``, whatever was read already first."""

    def finish(self, keep_alive: bool) -> None:
        """The response is complete; the connection serves the next request or closes."""

    def abort(self) -> None:
        """The response can not be completed, and the client must notice."""


class UpstreamEvents(Protocol):
    """What an upstream connection, and the pool that leases it, tell the exchange."""

    is_waiting: bool

    def upstream_ready(self, upstream: Upstream) -> None: ...
    def upstream_failed(self, failure: Failure, reason: str) -> None:
        """No connection could be leased: nothing was sent."""

    def upstream_lost(self, failure: Failure, reason: str, is_silent: bool) -> None:
        """The leased connection broke, timed out or spoke nonsense; it is closed and gone. ``is_silent`` where it ended
        by itself without an octet of an answer."""

    def response_interim(self, head: ResponseHead) -> None: ...
    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None: ...
    def response_body(self, data: bytes) -> None: ...
    def response_end(self, trailers: list[Field]) -> None: ...
    def pause_request(self) -> None: ...
    def resume_request(self) -> None: ...


class Upstream(Protocol):
    """A leased upstream connection as the proxy sees it."""

    @property
    def is_reused(self) -> bool:
        """Whether it carried a request before this one."""

    def begin(self, exchange: UpstreamEvents, method: bytes, data: bytes, is_whole: bool) -> None:
        """Write a request: its head in ``data``, which is all of it where ``is_whole``."""

    def await_upgrade(self) -> None:
        """The request asked for an upgrade: a 101 is its answer, and what follows it comes as ``response_body``."""

    def hand_over(self, exchange: UpstreamEvents) -> None:
        """``exchange`` hears from now on."""

    def write(self, data: bytes) -> None: ...
    def writelines(self, pieces: Sequence[bytes]) -> None: ...
    def end_request(self) -> None:
        """All of the request is written: the response head is due."""

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def wait_forever(self) -> None:
        """This response is a stream of events (SSE): silence is no failure."""

    def release(self, idle_seconds: int) -> None:
        """Back to the pool; ``idle_seconds`` is what the upstream promised to keep it, or 0."""

    def finish(self) -> None:
        """Close once everything is written."""

    def close(self) -> None:
        """Not fit for another request: close at once."""


class Handler(Protocol):
    """Who takes a request: the proxy."""

    def handle(self, downstream: Downstream, head: RequestHead) -> None: ...
    def is_trusted(self, peer: str) -> bool:
        """Whether the address ``peer`` is a trusted proxy's."""

    def refuse(self, downstream: Downstream, refused: MessageRefused) -> None:
        """A message that was no request: answer it."""
