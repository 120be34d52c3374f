"""``X-Client-Token``: the gateway's word of who calls, signed, for services that want proof.

A JWT by ES256 for one service and one minute (RFC 7519). The same is sent for half of its life: signing takes 70 us.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.core.exchange import Identity
    from moongate.filters.port import Signing
    from moongate.stores.keys import SigningKey

FIELD: Final = b"X-Client-Token"
LIFE_SECONDS: Final = 60
_REUSED_SECONDS: Final = 30.0
_MAX_REMEMBERED: Final = 4096


class _Made(NamedTuple):
    """A token, and the key and time that it is good for."""

    token: bytes
    key: SigningKey
    until: float


class Vouching:
    """Makes tokens for one ``service``. ``seconds`` tells the time since 1970."""

    __slots__ = ("_key", "_made", "_private", "_seconds", "_service", "_signing")

    def __init__(self, service: str, signing: Signing, seconds: Callable[[], float]) -> None:
        self._service = service
        self._signing = signing
        self._seconds = seconds
        self._made: dict[tuple[str, str, frozenset[str]], _Made] = {}
        self._key: SigningKey | None = None
        self._private: ECKey | None = None

    def line(self, identity: Identity) -> bytes | None:
        """The whole field line about ``identity``; None where there is no key to sign with."""
        key = self._signing.current
        if key is None:
            return None
        who = (identity.client, identity.credential, identity.scopes)
        now = self._seconds()
        made = self._made.get(who)
        if made is None or made.key is not key or made.until <= now:
            if len(self._made) >= _MAX_REMEMBERED:
                self._made.clear()  # so that nobody can fill it for good
            made = self._made[who] = _Made(self._token(identity, key, int(now)), key, now + _REUSED_SECONDS)
        return FIELD + b": " + made.token + b"\r\n"

    def _token(self, identity: Identity, key: SigningKey, now: int) -> bytes:
        if self._private is None or self._key is not key:
            self._private, self._key = ECKey.import_key(msgspec.json.decode(key.key)), key
        claims: dict[str, Any] = {
            "iss": key.issuer,
            "aud": self._service,
            "sub": identity.client,
            "credential": identity.credential,
            "iat": now,
            "exp": now + LIFE_SECONDS,
        }
        if identity.scopes:
            claims["scope"] = " ".join(sorted(identity.scopes))
        signed = _part({"alg": "ES256", "typ": "JWT", "kid": key.kid}) + b"." + _part(claims)
        signature = JWSRegistry.algorithms["ES256"].sign(signed, self._private)
        return signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


def _part(content: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(msgspec.json.encode(content)).rstrip(b"=")
