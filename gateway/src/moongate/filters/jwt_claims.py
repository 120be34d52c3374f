"""What a token says, judged: whose it is, whom it is for, since when and until when (RFC 7519, RFC 9068)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from moongate.filters.jwt_form import TokenRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moongate.filters.jwt_issuer import IssuerPlan

_MAX_CLIENT_CHARS: Final = 256


def judge_claims(claims: Mapping[str, Any], plan: IssuerPlan, now: float) -> float:
    """Until when the token is taken, in seconds since 1970. Raises TokenRefused where it is not."""
    if claims.get("iss") != plan.issuer:
        raise TokenRefused("jwt_issuer")
    if plan.audiences is not None and plan.audiences.isdisjoint(texts_of(claims.get("aud"))):
        raise TokenRefused("jwt_audience")
    until = date_of(claims, "exp")
    if until is None or now >= until + plan.leeway:
        raise TokenRefused("jwt_expired")
    since, made = date_of(claims, "nbf"), date_of(claims, "iat")
    if max(since or 0.0, made or 0.0) > now + plan.leeway:
        raise TokenRefused("jwt_not_yet")
    return until + plan.leeway


def client_of(claims: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of the claims ``names`` that is there. Raises TokenRefused where none is, or it is no name."""
    client = next((claims[name] for name in names if claims.get(name) is not None), None)
    if not isinstance(client, str) or not 0 < len(client) <= _MAX_CLIENT_CHARS or not client.isprintable():
        raise TokenRefused("jwt_client")
    return client


def scopes_of(claims: Mapping[str, Any], names: tuple[str, ...]) -> frozenset[str]:
    """The first of the claims ``names`` that is there, as words: a text with spaces (RFC 8693) or a list."""
    said = next((claims[name] for name in names if claims.get(name) is not None), "")
    return frozenset(said.split() if isinstance(said, str) else texts_of(said))


def made_at(claims: Mapping[str, Any]) -> float:
    """When the token was made, in seconds since 1970; 0 where it does not say."""
    return date_of(claims, "iat") or 0.0


def texts_of(said: Any) -> list[str]:
    """The texts in a claim that is one, or a list."""
    return [each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str)]


def date_of(claims: Mapping[str, Any], name: str) -> float | None:
    """Claim ``name`` in seconds since 1970, None where it is absent. Raises TokenRefused where it is no date."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenRefused("jwt_malformed")
    return float(value)
