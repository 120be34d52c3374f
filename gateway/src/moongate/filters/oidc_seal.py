"""What a browser keeps for the gateway: cookies that only gateways can read or make.

AES-256-GCM of `cryptography` under a random nonce; what a cookie is for, and for which login, is authenticated with
it, so that none passes for another. The first key seals, all open.
"""

from __future__ import annotations

import base64
import os
import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T", bound="Sealed")

MAX_COOKIE_CHARS: Final = 3500
"""Browsers keep 4096 octets of a name, a value and attributes (RFC 6265 section 6.1); a request's line has 8 KiB, of
which logins that are under way need some as well, and the service's own cookies the rest."""
_NONCE_BYTES: Final = 12
_TEXT: Final = re.compile(rb"[A-Za-z0-9_-]+")


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """What a cookie holds."""


class Session(Sealed, frozen=True, array_like=True):
    """Who has logged in, until ``until``; ``made`` is when the provider vouched for that last, and from ``renew_at`` on
    it is asked again with ``refresh_token``, where it gave one. Times in seconds since 1970. ``id_token`` is what it
    knows the session by when that ends, empty where there was no room for it."""

    client: str
    scopes: tuple[str, ...]
    claims: dict[str, Any]
    made: float
    until: float
    renew_at: float = float("inf")
    refresh_token: str = ""
    id_token: str = ""

    def __repr__(self) -> str:
        return f"<Session of {self.client}>"


class Attempt(Sealed, frozen=True, array_like=True):
    """A login that is under way since ``made`` (seconds since 1970): what proves that it was begun here, and where it
    leads to."""

    state: str
    nonce: str
    verifier: str
    target: str
    made: float

    def __repr__(self) -> str:
        return "<Attempt>"


class Sealer:
    """Seals and opens for one purpose; ``keys`` of 32 octets each."""

    __slots__ = ("_ciphers", "_purpose")

    def __init__(self, keys: Sequence[bytes], purpose: str) -> None:
        self._ciphers = tuple(AESGCM(key) for key in keys)
        self._purpose = purpose.encode()

    def seal(self, content: Sealed) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[0].encrypt(nonce, msgspec.msgpack.encode(content), self._about(type(content)))
        return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def open(self, text: bytes, kind: type[T]) -> T | None:
        """None for what was not sealed so, under none of the keys."""
        if len(text) > MAX_COOKIE_CHARS or _TEXT.fullmatch(text) is None or len(text) % 4 == 1:
            return None
        octets = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        if base64.urlsafe_b64encode(octets).rstrip(b"=") != text:
            return None  # another spelling of the same
        about = self._about(kind)
        for cipher in self._ciphers:
            try:
                content = cipher.decrypt(octets[:_NONCE_BYTES], octets[_NONCE_BYTES:], about)
            except (InvalidTag, ValueError):
                continue
            try:
                return msgspec.msgpack.decode(content, type=kind)
            except msgspec.DecodeError:
                return None  # of a gateway of another version
        return None

    def _about(self, kind: type[Sealed]) -> bytes:
        return kind.__name__.encode() + b"\0" + self._purpose
