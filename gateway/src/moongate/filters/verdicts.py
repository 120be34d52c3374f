"""What a filter answers instead of letting a request go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.errors import Failure
    from moongate.core.exchange import Identity
    from moongate.core.message import Field


class Refusal(NamedTuple):
    """A failure of the table, answered as problem+json with ``fields``; ``reason`` is for the log alone."""

    failure: Failure
    reason: str
    fields: tuple[Field, ...] = ()


class Response(NamedTuple):
    """An answer of one's own. ``fields`` without those of the framing; the length is that of ``body``. The log has
    ``reason``, and where it is a failure put in words of its own, that one's ``code``."""

    status: int = 200
    body: bytes = b""
    fields: tuple[Field, ...] = ((b"Content-Type", b"text/plain; charset=utf-8"),)
    code: str = ""
    reason: str = "filter"


class Judge(Protocol):
    """Who found out who calls, and can find out later whether it still holds: a revoked key has no identity."""

    def again(self, identity: Identity) -> Identity | Refusal | Awaitable[Identity | Refusal]: ...
