"""Whether another site had a browser send a request: a session's cookie goes along with that as well.

As Go's CrossOriginProtection (net/http, 1.25): Sec-Fetch-Site where the browser says it, else Origin; a request with
neither is no browser's. `SameSite=Lax` keeps the cookie from most such requests before, but not from siblings of the
host, nor for browsers that do not know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange

SAFE_METHODS: Final = frozenset((b"GET", b"HEAD", b"OPTIONS"))  # RFC 9110 section 9.2.1
_OWN_SITES: Final = (b"same-origin", b"none")


def is_foreign(exchange: Exchange) -> bool:
    """Whether a page of another origin is behind it, as far as the browser says."""
    assert exchange.head is not None
    site = exchange.head.get(b"sec-fetch-site")
    if site is not None:
        return site not in _OWN_SITES
    origin = exchange.head.get(b"origin")
    return origin is not None and origin != exchange.public_origin().encode("latin-1")


def is_navigation(exchange: Exchange) -> bool:
    """Whether somebody has a browser show a page, who could log in there (Fetch Metadata; Accept where there is none,
    as on hosts without TLS)."""
    head = exchange.head
    assert head is not None
    if head.method != b"GET" or head.section.upgrade or head.get(b"sec-purpose") is not None:
        return False
    mode = head.get(b"sec-fetch-mode")
    if mode is not None:
        return mode == b"navigate"
    return b"text/html" in (head.get(b"accept") or b"").lower()
