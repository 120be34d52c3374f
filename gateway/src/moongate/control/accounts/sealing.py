"""Secrets at rest in the replica: a copied file gives nothing away to whoever has not the gateway's token as well."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12  # NIST SP 800-38D: random ones of this size are good for 2**32 secrets
_KEY_BYTES: Final = 32


class Unsealable(Exception):  # noqa: N818 - a verdict about somebody's file
    """A secret that was not sealed here, or was changed since."""


def derived(token: str, salt: bytes, purpose: str) -> bytes:
    """A key that follows from ``token`` for one ``purpose`` (HKDF, RFC 5869)."""
    return HKDF(SHA256(), _KEY_BYTES, salt, f"moongate replica: {purpose}".encode()).derive(token.encode())


class Seal:
    """AES-256-GCM under one key. ``place`` is bound to what is sealed: it opens nowhere else."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, secret: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises Unsealable."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            raise Unsealable(f"{place} of the replica cannot be opened") from None
