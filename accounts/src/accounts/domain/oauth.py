"""OAuth 2.0: what a client brings to the token endpoint, what it may have, and the bounds of everything.

Only client credentials are granted (RFC 6749 section 4.4): there are no users here.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from accounts.domain.credentials import Secret
from accounts.domain.errors import AccountsError, InvalidValueError
from accounts.domain.names import check_scopes
from accounts.domain.times import SECOND

TOKEN_TTL_S: Final = 300
SKEW_S: Final = 120
"""How far another clock may be off; beyond that an assertion is refused."""
MAX_ASSERTION_S: Final = 3600
"""The longest life of an assertion, which is how long its jti is remembered; Authlib makes them for an hour."""
MAX_JOSE: Final = 8192
"""Octets of a token or an assertion, asked before anything in it is decoded (CVE-2025-61920: 500 MB took 4 GB)."""
MAX_SECRETS: Final = 2
MAX_CLIENT_KEYS: Final = 4
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_MEMBER: Final = 1024
_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e", "kid", "alg"})
_JTI = re.compile(r"[\x20-\x7e]{1,128}")


@dataclass(eq=False)
class OAuthError(AccountsError):
    """A refusal in the words of RFC 6749 section 5.2: `error` is its code, `status` the one of HTTP."""

    error: str
    description: str
    status: int = 400
    retry_after: int | None = None


class BadTokenError(AccountsError):
    """A token or an assertion that is malformed, signed by another, or not for here. Why is told to nobody."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a client may have: `scopes`, and the public keys (`jwks`, a list of JWK) of its assertions."""

    client_id: str
    scopes: tuple[str, ...] = ()
    jwks: tuple[dict[str, Any], ...] = field(default=())
    version: int = 1

    def __post_init__(self) -> None:
        check_scopes("scopes", self.scopes)

    def granted(self, asked: str | None) -> tuple[str, ...]:
        """The scopes of a token: all, or those asked for. Raises OAuthError for one that the client may not have."""
        if asked is None:
            return self.scopes
        wanted = tuple(dict.fromkeys(asked.split(" ")))
        if not set(wanted) <= set(self.scopes):
            raise OAuthError("invalid_scope", "a scope asked for is none of those that this client may have")
        return wanted


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of a client for the token endpoint; two may live at a time, so that one follows the other."""

    id: str
    client_id: str
    secret: Secret
    created_at: int
    created_by: str
    expires_at: int | None = None

    def is_live(self, now: int) -> bool:
        """Whether it opens anything at the instant `now`, in microseconds."""
        return self.expires_at is None or now < self.expires_at * SECOND


@dataclass(frozen=True, slots=True)
class Assertion:
    """The claims of a client's assertion (RFC 7523 section 3) that count, all of them present."""

    jti: str
    exp: int


def check_assertion(claims: dict[str, Any], client_id: str, audiences: frozenset[str], now: int) -> Assertion:
    """Judge the claims of an assertion whose signature holds; `now` is seconds. Raises BadTokenError."""
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise BadTokenError
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not (isinstance(audience, str) and audience in audiences):  # one for others as well could be replayed by them
        raise BadTokenError
    exp, issued, begins = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if exp is None or not now - SKEW_S < exp <= now + MAX_ASSERTION_S + SKEW_S:
        raise BadTokenError
    if (issued is not None and not now - MAX_ASSERTION_S - SKEW_S <= issued <= now + SKEW_S) or (
        begins is not None and begins > now + SKEW_S
    ):
        raise BadTokenError
    jti = claims.get("jti")
    if not (isinstance(jti, str) and _JTI.fullmatch(jti)):
        raise BadTokenError
    return Assertion(jti, exp)


def check_jwks(value: Any) -> tuple[dict[str, Any], ...]:
    """The keys of a JWK set as a client registers it, and of each what verifying needs. Raises InvalidValueError."""
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise InvalidValueError("jwks", "bad_jwks", 'must be a JWK set: {"keys": [...]}')
    if len(keys) > MAX_CLIENT_KEYS:
        raise InvalidValueError("jwks/keys", "too_many", f"must be at most {MAX_CLIENT_KEYS}")
    for index, key in enumerate(keys):
        if {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys():
            detail = "holds a private key: replace that key pair, and send the public half only"
            raise InvalidValueError(f"jwks/keys/{index}", "private_key", detail)
        if not all(isinstance(key[name], str) and len(key[name]) <= MAX_MEMBER for name in _MEMBERS & key.keys()):
            detail = f"must have texts of at most {MAX_MEMBER} characters"
            raise InvalidValueError(f"jwks/keys/{index}", "bad_member", detail)
    idents = [key["kid"] for key in keys if "kid" in key]
    if len(set(idents)) < len(idents):
        raise InvalidValueError("jwks/keys", "duplicate_kid", "must have each kid once")
    return tuple({name: key[name] for name in key if name in _MEMBERS} for key in keys)


def _seconds(claims: dict[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**53:
        raise BadTokenError
    return int(value)
