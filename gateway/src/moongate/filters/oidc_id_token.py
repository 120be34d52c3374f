"""ID tokens (OpenID Connect Core 1.0 section 3.1.3.7), by the same hands that judge access tokens."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

from moongate.filters.jwt_claims import judge_claims
from moongate.filters.jwt_form import Token, TokenRefused, read_token
from moongate.filters.jwt_issuer import Issuer, IssuerPlan

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.filters.port import KeySets

TYPES: Final = frozenset(("", "jwt"))
"""What an ID token may say that it is; an access token or a logout token (at+jwt, logout+jwt) is none."""


class KeysUnavailable(Exception):  # noqa: N818 - what happened
    """The provider's keys are not here, and nobody can say whether there are others."""


class IdTokens:
    """Those of one provider, for one client of it: the one audience of ``plan``. ``seconds`` tells the time since
    1970."""

    __slots__ = ("_client_id", "_issuer", "_seconds")

    def __init__(self, plan: IssuerPlan, client_id: str, key_sets: KeySets | None, seconds: Callable[[], float]):
        self._client_id = client_id
        self._issuer = Issuer(plan, key_sets)
        self._seconds = seconds

    async def verify(self, text: str, nonce: str | None) -> dict[str, Any]:
        """What ``text`` claims, of the login of ``nonce``; of a renewed session, which has none, where that is None.
        Raises TokenRefused and KeysUnavailable."""
        token = read_token(text.encode("ascii", "replace"))
        if token.algorithm not in self._issuer.plan.algorithms:
            raise TokenRefused("jwt_alg")
        if token.typ not in self._issuer.plan.types:
            raise TokenRefused("jwt_typ")
        await self._verify_signature(token)
        claims = token.claims
        judge_claims(claims, self._issuer.plan, self._seconds())
        audience, party = claims.get("aud"), claims.get("azp")
        if party != self._client_id and (party is not None or (isinstance(audience, list) and len(audience) > 1)):
            raise TokenRefused("jwt_azp")
        said = claims.get("nonce")
        if nonce is not None and not (isinstance(said, str) and hmac.compare_digest(said.encode(), nonce.encode())):
            raise TokenRefused("jwt_nonce")
        if not isinstance(claims.get("sub"), str):
            raise TokenRefused("jwt_sub")
        return claims

    async def _verify_signature(self, token: Token) -> None:
        issuer, is_told = self._issuer, True
        ring = issuer.ring
        key = None if ring is None else ring.find(token)
        if key is None:
            asked = issuer.wait()
            if asked is not None:
                is_told = await asked
            ring = issuer.ring
            key = None if ring is None else ring.find(token)
        if key is None:
            if ring is None or not is_told or not issuer.is_fresh:
                raise KeysUnavailable
            raise TokenRefused("jwt_kid")
        key.verify(token)
