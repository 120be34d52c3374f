"""Request heads for tests, written as a person would type them."""

from __future__ import annotations

from moongate.core.message import RequestHead


def make_head(method: str, url: str, **headers: str) -> RequestHead:
    """``url`` is a path with query, or ``//host/path?query``; header names are given with ``_`` for ``-``."""
    host = ""
    if url.startswith("//"):
        host, _, rest = url[2:].partition("/")
        url = "/" + rest
    path, question, query = url.partition("?")
    head = RequestHead(method.encode(), path.encode(), (question + query).encode(), host.encode(), host.encode())
    head.fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return head
