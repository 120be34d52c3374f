"""What a filter asks of a service while a request waits: a small request of its own, and its whole answer."""

from __future__ import annotations

from typing import NamedTuple

from moongate.core.message import value_of


class FetchRequest(NamedTuple):
    """To ``service`` of the config. ``target`` is path and query (RFC 9112 section 3.2.1); ``lines`` are whole field
    lines, without those of the connection and the framing. The answer must be here within ``seconds``. It may be sent
    twice where a connection proves dead, so it must not change anything."""

    service: str
    method: bytes
    target: bytes
    lines: bytes
    body: bytes = b""
    seconds: float = 1.0


class Fetched(NamedTuple):
    """An answer of at most `limits.FETCH_BYTES`; ``lines`` are its end-to-end field lines."""

    status: int
    lines: bytes
    body: bytes

    def get(self, name: bytes) -> bytes | None:
        """The first value of field ``name`` (given in lower case), or None."""
        return value_of(self.lines, name)


def shown_path(path: str) -> str:
    """``path`` of the config for everybody to see: what stands in its query may be a secret."""
    bare, mark, _ = path.partition("?")
    return f"{bare}?..." if mark else bare


class FetchFailed(Exception):  # noqa: N818 - what happened
    """There is no answer, or none that could be read; the reason is for the log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
