"""The head that is shown is, octet for octet, the head that a running gateway's engine sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway_harness.memory_gateway import MemoryGateway
from moongate.compile.offline import Request, read_head, request_bytes
from moongate.core.edits import FieldEdits
from moongate.core.exchange import Exchange
from moongate.proxy.preview import upstream_head

if TYPE_CHECKING:
    from moongate.core.message import RequestHead
    from moongate.proxy.forwarding import Networks


def shown(gateway: MemoryGateway, head: RequestHead, request_id: bytes, peer: str) -> bytes:
    snapshot = gateway.engine.live.snapshot
    trusted: Networks = snapshot.trusted_proxies
    return upstream_head(Exchange(request_id, 0, head, peer, 0.0), head, snapshot.routes[0], trusted)


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "http://a.example:81/x/../y//z?q=%20", (("X-A", "1"), ("x-a", "2"), ("Connection", "X-A"))),
        Request(
            "PUT", "/", (("X-Forwarded-For", "10.1.1.1"), ("Forwarded", "for=1"), ("Transfer-Encoding", "chunked"))
        ),
        Request("GET", "/", (("TE", "trailers"), ("Connection", "TE"), ("X_Y", "1"))),
    ],
    ids=str,
)
def test_the_same_as_is_sent(request_: Request) -> None:
    gateway = MemoryGateway()
    service = gateway.service()
    body = b"0\r\n\r\n" if ("Transfer-Encoding", "chunked") in request_.headers else b""
    gateway.client().receive(request_bytes(request_) + body)
    gateway.time.loop.run_until_quiet()
    sent = service.sent
    request_id = sent.partition(b"X-Request-Id: ")[2].partition(b"\r\n")[0]
    peer = sent.partition(b"X-Forwarded-For: ")[2].partition(b"\r\n")[0].decode()
    assert sent.startswith(shown(gateway, read_head(request_), request_id, peer))


def test_what_filters_changed_is_in_it() -> None:
    gateway = MemoryGateway()
    head = read_head(Request("GET", "/x?a=1", (("X-A", "1"),)))
    exchange = Exchange(b"id", 0, head, "192.0.2.1", 0.0)
    exchange.edit(FieldEdits(frozenset((b"x-a",)), b"X-B: 2\r\n"))
    exchange.query = b"?fleet=acme"
    text = upstream_head(exchange, head, gateway.engine.live.snapshot.routes[0], ()).decode()
    assert text.startswith("GET /x?fleet=acme HTTP/1.1\r\nHost: localhost\r\nX-B: 2\r\n")
    assert "X-A" not in text
