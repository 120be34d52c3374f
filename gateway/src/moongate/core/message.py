"""Heads of HTTP messages as the gateway holds them: bytes as received, plus what was derived once.

A head is written by the parser that made it and read by everybody else. ``fields`` holds the end-to-end header fields in the
caller's order and spelling, because they are forwarded as they came; whoever compares names folds them (RFC 9110 section 5.1).
What is about the connection, the framing or the forwarding stands in attributes instead.
"""

from __future__ import annotations

from typing import Final, TypeAlias

Field: TypeAlias = tuple[bytes, bytes]

NO_LENGTH: Final = -1


def first_value(fields: list[Field], name: bytes) -> bytes | None:
    """The first value of field ``name`` (given in lower case), or None."""
    for field_name, value in fields:
        if field_name.lower() == name:
            return value
    return None


class RequestHead:
    """One request's head (RFC 9112 section 3).

    ``method`` as sent; ``path`` the canonical path, the only one that is matched, authorized, logged and forwarded;
    ``query`` with its leading ``?`` or empty; ``authority`` the Host field as sent; ``host`` the same in lower case without
    port, empty where HTTP/1.0 sent none; ``minor`` of the HTTP/1 version; ``content_length`` in bytes or NO_LENGTH.
    """

    __slots__ = (
        "authority",
        "chunked",
        "content_length",
        "expects_continue",
        "fields",
        "forwarding",
        "host",
        "keep_alive",
        "method",
        "minor",
        "path",
        "query",
        "request_id",
        "takes_trailers",
    )

    def __init__(self, method: bytes, path: bytes, query: bytes, authority: bytes, host: bytes) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.authority = authority
        self.host = host
        self.minor = 1
        self.fields: list[Field] = []
        self.content_length = NO_LENGTH
        self.chunked = False
        self.keep_alive = True
        self.expects_continue = False
        self.takes_trailers = False
        self.request_id: bytes | None = None
        self.forwarding: list[Field] | None = None  # X-Forwarded-* and the like, as (lower-case name, value)

    @property
    def has_body(self) -> bool:
        return self.chunked or self.content_length > 0

    def get(self, name: bytes) -> bytes | None:
        """The first value of end-to-end field ``name`` (given in lower case), or None."""
        return first_value(self.fields, name)


class ResponseHead:
    """One response's head (RFC 9112 section 4). ``content_length`` in bytes or NO_LENGTH; ``idle_seconds`` what the
    upstream's ``Keep-Alive: timeout`` promises, or 0."""

    __slots__ = ("chunked", "content_length", "fields", "idle_seconds", "keep_alive", "minor", "reason", "status")

    def __init__(self, status: int, reason: bytes, fields: list[Field]) -> None:
        self.status = status
        self.reason = reason
        self.fields = fields
        self.minor = 1
        self.content_length = NO_LENGTH
        self.chunked = False
        self.keep_alive = True
        self.idle_seconds = 0

    def get(self, name: bytes) -> bytes | None:
        """The first value of end-to-end field ``name`` (given in lower case), or None."""
        return first_value(self.fields, name)
