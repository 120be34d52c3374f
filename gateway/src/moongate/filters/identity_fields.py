"""What a service is told of who calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from moongate.core.fields import IDENTITY

if TYPE_CHECKING:
    from moongate.core.exchange import Identity

IDENTITY_FIELDS: Final = frozenset(IDENTITY)
"""Dropped by whoever says who calls: what a filter in front said under these names was of somebody else."""
_SAFE: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '%,;"\\')


def identity_lines(identity: Identity) -> bytes:
    """``X-Client-Id``, ``X-Client-Credential`` and, where it has some, ``X-Client-Scopes``, as field lines. What a
    field can not hold is percent-encoded."""
    lines = f"X-Client-Id: {_value(identity.client)}\r\nX-Client-Credential: {_value(identity.credential)}\r\n"
    if identity.scopes:
        lines += f"X-Client-Scopes: {' '.join(map(_value, sorted(identity.scopes)))}\r\n"
    return lines.encode("ascii")


def _value(text: str) -> str:
    return quote(text, safe=_SAFE)
