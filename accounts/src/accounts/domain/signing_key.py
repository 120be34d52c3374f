"""Keys that sign tokens, and their phases, which follow from the clock alone: no process has to act on a change.

A key is `next` for `PUBLISH_S` after it was made: verifiers see it in the JWKS before anything is signed with it. Then
it is `active`, and the one before is `retiring` until the last token that it signed has ended; then it is forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from accounts.domain.oauth import SKEW_S, TOKEN_TTL_S

PUBLISH_S: Final = 900
"""The longest that verifiers keep a JWKS: ten minutes in common libraries, behind a cache that keeps ours for five."""
JWKS_MAX_AGE_S: Final = 300


class Algorithm(StrEnum):
    """ES256 is the default: quick to sign, and every library verifies it."""

    ES256 = "ES256"
    RS256 = "RS256"
    EDDSA = "EdDSA"  # of Ed25519: RFC 9864 renames it, and few verifiers know the new name


class Phase(StrEnum):
    """See above."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRING = "retiring"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A private key, encrypted under the pepper of that version."""

    octets: bytes
    pepper: int


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`number` counts the keys; `public` is the JWK for verifiers; it signs from the second `active_from` on."""

    number: int
    kid: str
    algorithm: Algorithm
    public: dict[str, Any]
    sealed: SealedKey
    created_at: int
    active_from: int


def phases(keys: Sequence[SigningKey], now: int) -> list[tuple[SigningKey, Phase, int | None]]:
    """Each key, its phase at the second `now`, and when the next phase begins; None where that is open."""
    ordered = sorted(keys, key=lambda key: (key.active_from, key.number))
    found: list[tuple[SigningKey, Phase, int | None]] = []
    for index, key in enumerate(ordered):
        successor = ordered[index + 1].active_from if index + 1 < len(ordered) else None
        ends = None if successor is None else successor + TOKEN_TTL_S + SKEW_S
        if now < key.active_from:
            found.append((key, Phase.NEXT, key.active_from))
        elif successor is None or now < successor:
            found.append((key, Phase.ACTIVE, successor))
        elif ends is not None and now < ends:
            found.append((key, Phase.RETIRING, ends))
        else:
            found.append((key, Phase.GONE, None))
    return found
