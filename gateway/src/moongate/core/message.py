"""Heads of HTTP messages as the gateway holds them: bytes as received, plus what was derived once.

A head is written by the parser that made it and read by everybody else. What goes through end to end stays as it came,
line by line, in the caller's order and spelling; whoever compares names folds them (RFC 9110 section 5.1). What is
about the connection, the framing or the forwarding stands in attributes instead.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct

Field: TypeAlias = tuple[bytes, bytes]

NO_LENGTH: Final = -1


class RequestSection:
    """A request's header section (RFC 9110 section 5), read. A client that says the same again may be given the same
    object.

    ``lines`` are the end-to-end field lines, each with its CR LF; ``authority`` the Host field as sent; ``host`` the
    same in lower case without port, empty where HTTP/1.0 sent none; ``content_length`` in octets or NO_LENGTH;
    ``forwarding`` the X-Forwarded-* and like fields as (lower-case name, value).
    """

    __slots__ = (
        "authority",
        "chunked",
        "content_length",
        "expects_continue",
        "forwarding",
        "has_body",
        "host",
        "keep_alive",
        "lines",
        "logged",
        "memo",
        "request_id",
        "takes_trailers",
        "upgrade",
        "written",
        "written_edits",
        "written_under",
    )

    def __init__(self) -> None:
        self.lines = b""
        self.authority = b""
        self.host = b""
        self.content_length = NO_LENGTH
        self.chunked = False
        self.has_body = False
        self.keep_alive = True
        self.expects_continue = False
        self.takes_trailers = False
        self.upgrade = b""  # the protocol that is asked for
        self.logged: tuple[str | None, str | None] | None = None  # the log's: trace id and user agent
        self.memo: object = None  # an authenticator's: what it found here, which the same lines say again
        self.written = b""  # the writer's: this section for a service,
        self.written_under: object = None  # as the snapshot that was live then has it
        self.written_edits: object = None  # with these edits of filters
        self.request_id: bytes | None = None
        self.forwarding: list[Field] | None = None


class RequestHead(Struct, eq=False):
    """One request's head (RFC 9112 section 3).

    ``method`` as sent; ``path`` the canonical path, the only one that is matched, authorized, logged and forwarded;
    ``query`` with its leading ``?`` or empty; ``minor`` of the HTTP/1 version.
    """

    method: bytes
    path: bytes
    query: bytes
    section: RequestSection
    minor: int = 1

    @property
    def host(self) -> bytes:
        return self.section.host

    @property
    def fields(self) -> list[Field]:
        """The end-to-end fields, taken apart anew at each call."""
        return fields_of(self.section.lines)

    def get(self, name: bytes) -> bytes | None:
        """The first value of end-to-end field ``name`` (given in lower case), or None."""
        return value_of(self.section.lines, name)


class ResponseHead:
    """One response's head (RFC 9112 section 4).

    ``lines`` as in RequestSection; ``content_length`` in octets or NO_LENGTH; ``idle_seconds`` what the upstream's
    ``Keep-Alive: timeout`` promises, or 0.
    """

    __slots__ = (
        "chunked",
        "content_length",
        "edited",
        "idle_seconds",
        "keep_alive",
        "lines",
        "may_have_body",
        "minor",
        "reason",
        "status",
        "upgrade",
        "written",
    )

    def __init__(self, status: int, reason: bytes, minor: int) -> None:
        self.status = status
        self.reason = reason
        self.minor = minor
        self.lines = b""
        self.content_length = NO_LENGTH
        self.chunked = False
        self.may_have_body = status >= 200 and status != 204 and status != 304
        self.keep_alive = minor == 1
        self.idle_seconds = 0
        self.upgrade = b""  # the protocol that a 101 switches to
        self.written: tuple[bytes, bool] | None = None  # the writer's: see proxy.heads.plain_response
        self.edited: tuple[object, ResponseHead] | None = None  # the writer's: see proxy.heads.edited_response

    def get(self, name: bytes) -> bytes | None:
        """The first value of end-to-end field ``name`` (given in lower case), or None."""
        return value_of(self.lines, name)


def fields_of(lines: bytes) -> list[Field]:
    """Field lines, each with its CR LF, as names and values."""
    parts = (line.partition(b":") for line in lines.split(b"\r\n")[:-1])
    return [(name, value.strip(b" \t")) for name, _, value in parts]


def value_of(lines: bytes, name: bytes) -> bytes | None:
    """The first value of field ``name`` (given in lower case) among ``lines``, or None."""
    size = len(name)
    for line in lines.split(b"\r\n"):
        if line[size : size + 1] == b":" and line[:size].lower() == name:
            return line[size + 1 :].strip(b" \t")
    return None


def stands_twice(lines: bytes, name: bytes) -> bool:
    """Whether field ``name`` (given in lower case), which is no list, stands more than once among ``lines``: some read
    the first and some the last."""
    return lines_of(lines, frozenset((name,))).count(b"\r\n") > 1


def lines_without(lines: bytes, names: frozenset[bytes]) -> bytes:
    """``lines`` but for those of the fields ``names`` (given in lower case)."""
    return b"".join(
        [line + b"\r\n" for line in lines.split(b"\r\n")[:-1] if line.partition(b":")[0].lower() not in names]
    )


def lines_of(lines: bytes, names: frozenset[bytes]) -> bytes:
    """Of ``lines``, those of the fields ``names`` (given in lower case)."""
    return b"".join([line + b"\r\n" for line in lines.split(b"\r\n")[:-1] if line.partition(b":")[0].lower() in names])
