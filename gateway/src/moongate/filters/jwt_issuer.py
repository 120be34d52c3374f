"""One issuer of tokens: what is demanded of them, and its keys as they are known at present."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moongate.filters.jwt_keys import KeyRing

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.token_plans import KeySourcePlan
    from moongate.filters.port import KeySets

ANY_TYPE: Final = frozenset(("", "jwt", "at+jwt"))
"""What an access token may say that it is; an ID token's `typ` can not be told apart, a logout token's can."""


@dataclass(frozen=True, slots=True)
class IssuerPlan:
    """``issuer`` as tokens say it. Keys come from ``source``, or are ``keys``, a JWK Set. ``audiences`` of which a
    token must name one, None where it need not; ``types`` are in lower case, empty for a token that says none;
    ``leeway`` in seconds. ``client_claims`` and ``scope_claims`` are names of claims, of which the first that is there
    counts; ``is_known`` demands that accounts knows the client."""

    issuer: str
    source: KeySourcePlan | None = None
    keys: bytes = b""
    audiences: frozenset[str] | None = None
    algorithms: frozenset[str] = frozenset(("ES256", "RS256"))
    types: frozenset[str] = ANY_TYPE
    leeway: float = 30.0
    client_claims: tuple[str, ...] = ("client_id", "azp", "sub")
    scope_claims: tuple[str, ...] = ("scope", "scp")
    is_known: bool = False

    def describe(self) -> dict[str, Any]:
        if self.source is not None:
            keys = self.source.jwks_url or "by discovery"
        else:
            keys = f"sha256:{hashlib.sha256(self.keys).hexdigest()}"
        return {
            "issuer": self.issuer,
            "keys": keys,
            "audience": "any" if self.audiences is None else sorted(self.audiences),
            "algorithms": sorted(self.algorithms),
            "typ": sorted(self.types),
            "leeway": self.leeway,
            "client": list(self.client_claims),
            "scopes": list(self.scope_claims),
            "known_to_accounts": self.is_known,
        }


class Issuer:
    """One issuer, alive: its keys are read once for each time that they change."""

    __slots__ = ("__weakref__", "_document", "_key_sets", "_ring", "plan")

    def __init__(self, plan: IssuerPlan, key_sets: KeySets | None) -> None:
        """``key_sets`` is None where nobody fetches keys, as offline."""
        self.plan = plan
        self._key_sets = key_sets
        self._document = b""
        self._ring = KeyRing(plan.keys, plan.algorithms) if plan.source is None else None

    @property
    def ring(self) -> KeyRing | None:
        """The keys, the same object until they change; None where there never were any, or none for too long."""
        source = self.plan.source
        if source is not None and self._key_sets is not None:
            held = self._key_sets.held(source.name)
            document = b"" if held is None else held.document
            if document is not self._document:
                self._document = document
                self._ring = KeyRing(document, self.plan.algorithms) if document else None  # control has judged it
        return self._ring

    @property
    def is_fresh(self) -> bool:
        """Whether a key that is not here is nowhere."""
        if self.plan.source is None:
            return True
        if self._key_sets is None:
            return False
        held = self._key_sets.held(self.plan.source.name)
        return held is not None and held.is_fresh

    def wait(self) -> Awaitable[bool] | None:
        """Have the keys fetched anew: whether they are as new as can be then. None where that was done a moment ago."""
        if self.plan.source is None or self._key_sets is None:
            return None
        return self._key_sets.wait(self.plan.source.name)
