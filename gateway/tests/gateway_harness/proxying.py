"""An engine between two sides that are played by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gateway_harness.sides import NotingDownstream, NotingUpstream
from gateway_harness.ticking import Ticking
from moongate.compile.compiler import JUDGES, compile_config
from moongate.config import parse
from moongate.protocol.http1.request import RequestReader
from moongate.protocol.http1.response import ResponseReader
from moongate.proxy.engine import Engine, Live

if TYPE_CHECKING:
    from moongate.core.errors import MessageRefused
    from moongate.core.exchange import Exchange
    from moongate.core.message import Field, RequestHead, ResponseHead

CONFIG = """
version: 1
services: {api: {targets: [http://one.test:81, http://two.test:82]}}
routes:
  - {name: all, match: {path: /**}, service: api}
  - {name: small, match: {path: /small/**}, service: api, max_body: 10}
  - {name: reads, match: {path: /reads, methods: [GET]}, service: api}
"""


class NotingPool:
    """A target's pool: leases what stands in ``ready``, else lets the exchange wait in ``waiting``."""

    def __init__(self, name: str) -> None:
        self.url = f"http://{name}"
        self.authority = name.encode()
        self.ready: list[NotingUpstream] = []
        self.waiting: list[Any] = []
        self.refusal: MessageRefused | None = None
        self.discarded = 0
        self.failures = 0

    def lease(self, exchange: Any, *, is_redo: bool = False) -> NotingUpstream | None:
        if self.refusal is not None:
            raise self.refusal
        if self.ready:
            return self.ready.pop(0)
        self.waiting.append(exchange)
        return None

    def discard_idle(self) -> None:
        self.discarded += 1


class NotingService:
    """A service with two pools that take turns."""

    name = "api"

    def __init__(self) -> None:
        self.pools = [NotingPool("one.test:81"), NotingPool("two.test:82")]
        self.active = 0
        self.retrying = 0
        self.is_affordable = True
        self._turn = 0
        self.only = None

    def pick(self, refused: NotingPool | None = None) -> NotingPool:
        self._turn += 1
        pool = self.pools[(self._turn - 1) % len(self.pools)]
        return self.pick() if pool is refused and len(self.pools) > 1 else pool

    def may_retry(self) -> bool:
        return self.is_affordable


class Proxying:
    """The engine, its service, and what the observer was told."""

    def __init__(self, config: str = CONFIG) -> None:
        snapshot = compile_config(parse(config, "gateway.yaml", judges=JUDGES), generation=3)
        self.time = Ticking()
        self.service = NotingService()
        self.ended: list[Exchange] = []
        live = Live(snapshot, cast("Any", {"api": self.service}))
        self.engine = Engine(live, self.time.loop.as_loop, self.time.wheel, self)

    def exchange_ended(self, exchange: Exchange) -> None:
        self.ended.append(exchange)

    def request(self, raw: bytes, downstream: NotingDownstream | None = None) -> NotingDownstream:
        """``raw`` is a request's head; its body is the test's to bring."""
        downstream = downstream or NotingDownstream()
        self.engine.handle(downstream, head_of(raw))
        return downstream

    def get(self, *lines: bytes, path: bytes = b"/") -> NotingDownstream:
        return self.request(b"\r\n".join((b"GET " + path + b" HTTP/1.1", b"Host: a.test", *lines)) + b"\r\n\r\n")

    def offer(self, *, is_reused: bool = False, pool: int = 0) -> NotingUpstream:
        """The next lease of the pool is this connection."""
        upstream = NotingUpstream(is_reused=is_reused)
        self.service.pools[pool].ready.append(upstream)
        return upstream

    @property
    def line(self) -> Exchange:
        """The only exchange that has ended."""
        assert len(self.ended) == 1
        return self.ended[0]


class _Heads:
    """Events of both readers: keeps the head, lets the rest go."""

    def __init__(self) -> None:
        self.head: Any = None

    def request_head(self, head: RequestHead) -> None:
        self.head = head

    def request_body(self, data: bytes) -> None: ...
    def request_end(self, trailers: list[Field]) -> None: ...
    def response_interim(self, head: ResponseHead) -> None:
        self.head = head

    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None:
        self.head = head

    def response_body(self, data: bytes) -> None: ...
    def response_end(self, trailers: list[Field]) -> None: ...


def head_of(raw: bytes) -> RequestHead:
    """The head of a request. Raises MessageRefused."""
    events = _Heads()
    RequestReader(events).receive(raw)
    head: RequestHead = events.head
    return head


def response_head_of(raw: bytes, method: bytes = b"GET") -> ResponseHead:
    """The head of a response. Raises MessageRefused."""
    events = _Heads()
    reader = ResponseReader()
    reader.expect(method, events)
    reader.receive(raw)
    head: ResponseHead = events.head
    return head
