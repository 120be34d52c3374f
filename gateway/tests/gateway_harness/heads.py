"""Request heads for tests, written as a person would type them."""

from __future__ import annotations

from moongate.core.message import RequestHead, RequestSection


def make_head(method: str, url: str, *lines: str) -> RequestHead:
    """``url`` is a path with query, or ``//host/path?query``; ``lines`` are header fields as ``Name: value``."""
    section = RequestSection()
    if url.startswith("//"):
        host, _, rest = url[2:].partition("/")
        section.host = section.authority = host.encode()
        url = "/" + rest
    section.lines = b"".join(line.encode() + b"\r\n" for line in lines)
    path, question, query = url.partition("?")
    return RequestHead(method.encode(), path.encode(), (question + query).encode(), section)
