"""Exchanges that filters are called with, made of the octets of a request."""

from __future__ import annotations

from gateway_harness.proxying import head_of
from moongate.core.exchange import Exchange


def exchange_of(*lines: bytes, target: bytes = b"/", method: bytes = b"GET", started: float = 100.0) -> Exchange:
    """A request with these field lines beside Host."""
    raw = b"\r\n".join((method + b" " + target + b" HTTP/1.1", b"Host: a.test", *lines)) + b"\r\n\r\n"
    exchange = Exchange(b"id-1", 1, head_of(raw), "192.0.2.7", started)
    exchange.route = "all"
    return exchange


def sent_fields(exchange: Exchange) -> bytes:
    """The field lines that the service would be sent."""
    assert exchange.head is not None
    lines = exchange.head.section.lines
    return lines if exchange.edits is None else exchange.edits.apply(lines)
