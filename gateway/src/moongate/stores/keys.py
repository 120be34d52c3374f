"""Keys as they are handed about: those of issuers, and the gateway's own."""

from __future__ import annotations

import zlib
from typing import NamedTuple


class KeySet(NamedTuple):
    """An issuer's keys as they were fetched, a JWK Set. ``is_fresh`` while a key that is not there is nowhere."""

    document: bytes
    is_fresh: bool


def mark_of(document: bytes) -> int:
    """By which two processes tell that they hold the same document: its CRC-32."""
    return zlib.crc32(document)


class SigningKey(NamedTuple):
    """What the gateway vouches for clients with: ``key`` is a private JWK of P-256, ``issuer`` whom tokens are from."""

    kid: str
    key: bytes
    issuer: str

    def __repr__(self) -> str:
        return f"<SigningKey {self.kid}>"
