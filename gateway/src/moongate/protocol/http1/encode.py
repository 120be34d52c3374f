"""Bytes of HTTP/1 messages that are the same whoever sends them: field lines, status lines, chunks."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from moongate.core.message import Field

LAST_CHUNK: Final = b"0\r\n\r\n"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_REASONS: Final = {
    **{status.value: status.phrase.encode("ascii") for status in HTTPStatus},
    413: b"Content Too Large",  # as RFC 9110 section 15.5 has them, and Python from 3.13 on
    422: b"Unprocessable Content",
}


@lru_cache(maxsize=512)
def status_line(status: int, reason: bytes) -> bytes:
    """``HTTP/1.1 200 OK`` with its line end; the upstream's own reason phrase is kept."""
    return b"HTTP/1.1 %d %b\r\n" % (status, reason or _REASONS.get(status, b""))


def field_lines(fields: list[Field]) -> bytes:
    """Header or trailer fields as lines, each with its line end."""
    return b"".join([name + b": " + value + b"\r\n" for name, value in fields])


def chunk_head(size: int) -> bytes:
    """The line before a chunk of ``size`` octets; ``\\r\\n`` follows the chunk."""
    return b"%x\r\n" % size


def last_chunk(trailers: list[Field]) -> bytes:
    """The end of a chunked body."""
    return b"0\r\n" + field_lines(trailers) + b"\r\n" if trailers else LAST_CHUNK
