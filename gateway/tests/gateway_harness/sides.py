"""The two sides of an exchange, played by hand: what the code under test asks of them is noted, nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moongate.core.errors import Failure, MessageRefused
    from moongate.core.exchange import PeerCertificate
    from moongate.core.message import Field, RequestHead, ResponseHead
    from moongate.core.ports import Downstream, DownstreamEvents, Upstream

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class NotingExchange:
    """DownstreamEvents of core.ports: notes what the connection tells it."""

    def __init__(self, downstream: Downstream, head: RequestHead) -> None:
        self.downstream = downstream
        self.head = head
        self.body = b""
        self.trailers: list[Field] | None = None
        self.events: list[str] = []
        self.refused: MessageRefused | None = None

    def answer(self, data: bytes = ANSWER, *, keep_alive: bool = True) -> None:
        self.downstream.write(data)
        self.downstream.finish(keep_alive)

    def request_body(self, data: bytes) -> None:
        self.body += data

    def request_end(self, trailers: list[Field]) -> None:
        self.trailers = trailers

    def request_refused(self, refused: MessageRefused) -> None:
        self.refused = refused
        self.answer(b"refused", keep_alive=False)

    def client_gone(self) -> None:
        self.events.append("gone")

    def pause_response(self) -> None:
        self.events.append("pause")

    def resume_response(self) -> None:
        self.events.append("resume")

    def drain(self) -> None:
        self.events.append("drain")


class NotingHandler:
    """Handler of core.ports: keeps the exchanges; with ``answers_at_once`` each is answered before `handle` returns."""

    def __init__(self, *, answers_at_once: bool = False) -> None:
        self.exchanges: list[NotingExchange] = []
        self.refused: list[MessageRefused] = []
        self.answers_at_once = answers_at_once

    @property
    def last(self) -> NotingExchange:
        return self.exchanges[-1]

    @property
    def paths(self) -> list[str]:
        return [exchange.head.path.decode() for exchange in self.exchanges]

    def handle(self, downstream: Downstream, head: RequestHead) -> None:
        exchange = NotingExchange(downstream, head)
        downstream.exchange = exchange
        self.exchanges.append(exchange)
        if self.answers_at_once:
            exchange.answer(head.path + b"\n")

    def refuse(self, downstream: Downstream, refused: MessageRefused) -> None:
        self.refused.append(refused)
        downstream.write(b"refused")
        downstream.finish(keep_alive=False)

    def is_trusted(self, peer: str) -> bool:
        return peer.startswith("10.")


class NotingDownstream:
    """Downstream of core.ports: ``sent`` is what the client was sent."""

    def __init__(self, peer: str = "192.0.2.7") -> None:
        self.exchange: DownstreamEvents | None = None
        self.forwarded = b""
        self.peer = peer
        self.scheme = "http"
        self.certificate: PeerCertificate | None = None
        self.is_drainable = True
        self.sent = b""
        self.calls: list[str] = []
        self.is_paused = False
        self.finished: bool | None = None

    def write(self, data: bytes) -> None:
        self.sent += data

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self.sent += b"".join(pieces)

    def pause_body(self) -> None:
        self.is_paused = True

    def resume_body(self) -> None:
        self.is_paused = False

    def open_tunnel(self) -> None:
        self.calls.append("open_tunnel")

    def finish(self, keep_alive: bool) -> None:
        assert self.finished is None, "finished twice"
        self.exchange = None
        self.finished = keep_alive

    def abort(self) -> None:
        self.exchange = None
        self.calls.append("abort")


class NotingUpstream:
    """Upstream of core.ports: ``sent`` is what the service was sent; `exchange` is told by the test what it answers."""

    def __init__(self, *, is_reused: bool = False) -> None:
        self.is_reused = is_reused
        self.exchange: Any = None
        self.sent = b""
        self.is_asked = False
        self.calls: list[str] = []
        self.released: int | None = None

    def begin(self, exchange: Any, method: bytes, data: bytes, is_whole: bool) -> None:
        self.exchange = exchange
        self.sent += data
        self.is_asked = is_whole

    def await_upgrade(self) -> None:
        self.calls.append("await_upgrade")

    def hand_over(self, exchange: Any) -> None:
        self.exchange = exchange
        self.calls.append("hand_over")

    def write(self, data: bytes) -> None:
        self.sent += data

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self.sent += b"".join(pieces)

    def end_request(self) -> None:
        self.is_asked = True

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def wait_forever(self) -> None:
        self.calls.append("wait_forever")

    def release(self, idle_seconds: int) -> None:
        self.released = idle_seconds

    def finish(self) -> None:
        self.calls.append("finish")

    def close(self) -> None:
        self.calls.append("close")


class NotingUpstreamEvents:
    """UpstreamEvents of core.ports: an exchange that waits for a connection, and hears what becomes of it."""

    def __init__(self) -> None:
        self.is_waiting = True
        self.ready: Any = None
        self.failure: tuple[Failure, str] | None = None
        self.lost: tuple[Failure, str, bool] | None = None
        self.interim: list[ResponseHead] = []
        self.head: ResponseHead | None = None
        self.body = b""
        self.is_ended = False
        self.events: list[str] = []

    def upstream_ready(self, upstream: Upstream) -> None:
        self.is_waiting = False
        self.ready = upstream

    def upstream_failed(self, failure: Failure, reason: str) -> None:
        self.is_waiting = False
        self.failure = (failure, reason)

    def upstream_lost(self, failure: Failure, reason: str, is_silent: bool) -> None:
        self.lost = (failure, reason, is_silent)

    def response_interim(self, head: ResponseHead) -> None:
        self.interim.append(head)

    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None:
        self.head, self.body, self.is_ended = head, body, ended

    def response_body(self, data: bytes) -> None:
        self.body += data

    def response_end(self, trailers: list[Field]) -> None:
        self.is_ended = True

    def pause_request(self) -> None:
        self.events.append("pause")

    def resume_request(self) -> None:
        self.events.append("resume")
