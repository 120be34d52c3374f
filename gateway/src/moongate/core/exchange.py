"""One request with its response: the facts that filters read and observers are told, each with one writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from moongate.core.message import RequestHead


class Exchange:
    """What is known of one exchange. Times are ``clock.monotonic`` seconds; names are the config's.

    ``head`` is None where the octets that came were no request. ``status`` is what the client was answered, 499 where
    it left before that; ``code`` and ``reason`` are empty unless the gateway answered itself or cut the response short,
    and ``origin`` says whose answer it was. ``bytes_in`` and ``bytes_out`` count body octets.
    """

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "code",
        "ended",
        "generation",
        "head",
        "id",
        "origin",
        "reason",
        "remote",
        "retries",
        "route",
        "service",
        "started",
        "status",
        "subject",
        "target",
        "upstream_ended",
        "upstream_started",
    )

    def __init__(
        self, request_id: bytes, generation: int, head: RequestHead | None, remote: str, started: float
    ) -> None:
        self.id = request_id
        self.generation = generation
        self.head = head
        self.remote = remote
        self.started = started
        self.ended = 0.0
        self.subject = ""
        self.route = ""
        self.service = ""
        self.target = ""
        self.status = 0
        self.code = ""
        self.reason = ""
        self.origin = "gateway"
        self.retries = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.upstream_started = 0.0
        self.upstream_ended = 0.0


class Observer(Protocol):
    """Who is told of every exchange, once, when it has ended."""

    def exchange_ended(self, exchange: Exchange) -> None: ...
