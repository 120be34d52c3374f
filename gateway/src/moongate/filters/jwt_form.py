"""The form of an access token (RFC 7515, compact), before any of it is believed: what is no plain signed token goes no
further, whatever its signature says.

joserfc would take more than we want: it reads 130 KiB, tells of `crit` only what it does not know, and passes over
`jku`, `x5u` and `jwk`, by which a token names the key that it wants to be judged by (CVE-2018-0114).
"""

from __future__ import annotations

import base64
import re
from typing import Any, Final, NamedTuple

import msgspec

from moongate.filters.bearer import bearer_credential
from moongate.protocol.api_key import PREFIX

MAX_TOKEN_BYTES: Final = 8 * 1024
MAX_KID_BYTES: Final = 128
_FORM: Final = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")
_ENCRYPTED_DOTS: Final = 4  # RFC 7516: five parts
_REFUSED: Final = frozenset(("b64", "crit", "enc", "jku", "jwk", "x5u", "zip"))
_OBJECT: Final = msgspec.json.Decoder(dict[str, Any])


class TokenRefused(Exception):  # noqa: N818 - a verdict about somebody else's token
    """A token that is not valid; the reason is for the log, and says nothing of the token."""


def bearer_token(authorization: bytes | None) -> bytes | None:
    """The token that an Authorization field shows (RFC 6750 section 2.1); None for another scheme, for no field, and
    for an API key, which is no token."""
    text = bearer_credential(authorization)
    return None if text is None or text.startswith(PREFIX) else text


class Token(NamedTuple):
    """A token taken apart, and nothing of it proved. ``typ`` in lower case, without ``application/``; empty where the
    token says none."""

    algorithm: str
    kid: str | None
    typ: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def read_token(text: bytes) -> Token:
    """Take ``text`` apart. Raises TokenRefused."""
    if len(text) > MAX_TOKEN_BYTES:
        raise TokenRefused("jwt_too_long")
    match = _FORM.fullmatch(text)
    if match is None:
        raise TokenRefused("jwt_encrypted" if text.count(b".") == _ENCRYPTED_DOTS else "jwt_malformed")
    header = _object(match[1])
    if not _REFUSED.isdisjoint(header):
        raise TokenRefused("jwt_alg")
    algorithm, kid, typ = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(algorithm, str):
        raise TokenRefused("jwt_alg")
    if kid is not None and (not isinstance(kid, str) or len(kid.encode("utf-8", "replace")) > MAX_KID_BYTES):
        raise TokenRefused("jwt_kid")
    if not isinstance(typ, str):
        raise TokenRefused("jwt_typ")
    signed = text[: match.end(2)]
    typ = typ.lower().removeprefix("application/")
    return Token(algorithm, kid, typ, _object(match[2]), signed, _octets(match[3]))


def claimed_issuer(text: bytes) -> str | None:
    """Who made a JWT, as it says itself, also one that `read_token` refuses; None for what is none."""
    match = _FORM.fullmatch(text)
    try:
        said = None if match is None else _object(match[2]).get("iss")
    except TokenRefused:
        return None
    return said if isinstance(said, str) else None


def _object(part: bytes) -> dict[str, Any]:
    try:
        return _OBJECT.decode(_octets(part))
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise TokenRefused("jwt_malformed") from None


def _octets(part: bytes) -> bytes:
    """base64url without padding (RFC 7515 section 2), in its one canonical spelling."""
    try:
        octets = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except ValueError:
        raise TokenRefused("jwt_malformed") from None
    if base64.urlsafe_b64encode(octets).rstrip(b"=") != part:
        raise TokenRefused("jwt_malformed")
    return octets
