"""The head that a service would be sent, without a connection: what cases expect of it is compared with this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.protocol.websocket import WEBSOCKET
from moongate.proxy.forwarding import is_trusted, stranger_lines, trusted_lines
from moongate.proxy.heads import request_bytes, section_bytes

if TYPE_CHECKING:
    from moongate.compile import RoutePlan
    from moongate.core.exchange import Exchange
    from moongate.core.message import RequestHead
    from moongate.proxy.forwarding import Networks

SCHEME: Final = "http"
_NO_TARGET: Final = b"target"  # in place of its address, which stands in Host where a client of HTTP/1.0 sent none


def upstream_head(exchange: Exchange, head: RequestHead, route: RoutePlan, trusted: Networks) -> bytes:
    """``head`` as `proxy.request_side` writes it, after what filters changed of ``exchange``: over plain HTTP, from
    ``exchange.remote``."""
    section = head.section
    authority = section.authority or _NO_TARGET
    if is_trusted(exchange.remote, trusted):
        forwarded = trusted_lines(head, exchange.remote, SCHEME, exchange.edits)
    else:
        forwarded = stranger_lines(exchange.remote, SCHEME) + authority + b"\r\n"
    if section.upgrade.lower() == WEBSOCKET and WEBSOCKET in route.upgrades:
        forwarded += b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    lines = section.lines if exchange.edits is None else exchange.edits.apply(section.lines)
    return request_bytes(head, section_bytes(head, authority, lines, forwarded), exchange.id, exchange.query)
