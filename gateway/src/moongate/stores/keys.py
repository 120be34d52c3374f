"""Keys as they are handed about: those of issuers, and the gateway's own."""

from __future__ import annotations

from typing import NamedTuple


class KeySet(NamedTuple):
    """An issuer's keys as they were fetched, a JWK Set. ``is_fresh`` while a key that is not there is nowhere."""

    document: bytes
    is_fresh: bool


class SigningKey(NamedTuple):
    """What the gateway vouches for clients with: ``key`` is a private JWK of P-256, ``issuer`` whom tokens are from."""

    kid: str
    key: bytes
    issuer: str

    def __repr__(self) -> str:
        return f"<SigningKey {self.kid}>"
