"""What a case of the corpus is, and the few shapes that most of them have."""

from __future__ import annotations

from typing import NamedTuple

HOST = b"Host: corpus.test\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: corpus.test\r\nX-Smuggled: 1\r\n\r\n"

MALFORMED = frozenset((400,))
CODING = frozenset((400, 501))
METHOD = frozenset((405,))
VERSION = frozenset((505,))
EXPECTATION = frozenset((417,))
LONG = frozenset((414, 431))


class Bad(NamedTuple):
    """A message that must be refused with one of ``statuses``. ``is_begun`` where its head is well and its body is
    not: then the service may see a request, but never the end of one."""

    name: str
    raw: bytes
    statuses: frozenset[int] = MALFORMED
    is_begun: bool = False


class Good(NamedTuple):
    """A message that must be forwarded: as ``method path?query`` with ``body``, without fields named in ``without``."""

    name: str
    raw: bytes
    line: bytes
    body: bytes = b""
    without: tuple[bytes, ...] = ()
    fields: tuple[tuple[bytes, bytes], ...] = ()


def get(*lines: bytes, line: bytes = b"GET / HTTP/1.1\r\n", host: bytes = HOST) -> bytes:
    """A request without a body; each of ``lines`` with its line end, whatever that is."""
    return line + host + b"".join(lines) + b"\r\n"


def post(*lines: bytes, body: bytes = b"", line: bytes = b"POST / HTTP/1.1\r\n", host: bytes = HOST) -> bytes:
    """A request whose framing is in ``lines``."""
    return get(*lines, line=line, host=host) + body


def named(family: str, variants: dict[str, bytes], statuses: frozenset[int] = MALFORMED) -> list[Bad]:
    """One case for each of ``variants``."""
    return [Bad(f"{family}: {name}", raw, statuses) for name, raw in variants.items()]
