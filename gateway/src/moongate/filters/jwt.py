"""``jwt``: access tokens that an issuer signed, judged here: no issuer is asked about a request."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakValueDictionary

from moongate.filters.admission import Admission, Vouched
from moongate.filters.authenticate import INVALID, UNAVAILABLE
from moongate.filters.jwt_cache import TokenCache
from moongate.filters.jwt_claims import client_of, judge_claims, made_at, scopes_of
from moongate.filters.jwt_form import Token, TokenRefused, bearer_token, read_token
from moongate.filters.jwt_issuer import Issuer, IssuerPlan
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange
    from moongate.filters.authenticate import Found, Method
    from moongate.filters.jwt_keys import KeyRing
    from moongate.filters.port import Tools

KIND: Final = "jwt"
REMEMBERED_SECONDS: Final = 60.0
_AUTHORIZATION: Final = b"authorization"
_CHALLENGE: Final = ((b"WWW-Authenticate", b'Bearer error="invalid_token"'),)  # RFC 6750 section 3.1

_NO_KEYS: Final = Refusal(UNAVAILABLE, "jwt_keys_unavailable")


@dataclass(frozen=True, slots=True)
class JwtPlan:
    """The issuers whose tokens are taken, each once."""

    issuers: tuple[IssuerPlan, ...]

    @property
    def kind(self) -> str:
        return KIND

    @property
    def carriers(self) -> frozenset[bytes]:
        return frozenset((_AUTHORIZATION,))

    @property
    def challenge(self) -> bytes:
        return b"Bearer"

    def bind(self, tools: Tools) -> Method:
        if tools.accounts is None and any(issuer.is_known for issuer in self.issuers):
            raise ValueError("there is no `accounts` in the config that could know the clients of tokens")
        return Jwt(self, tools)

    def describe(self) -> dict[str, Any]:
        return {"issuers": [issuer.describe() for issuer in self.issuers]}


class Verified(NamedTuple):
    """A token that its issuer made for us, taken until ``until`` (seconds since 1970) while its keys are ``ring``."""

    issuer: Issuer
    ring: KeyRing
    vouched: Vouched
    until: float


class Jwt:
    """The method itself."""

    __slots__ = ("_admission", "_cache", "_issuers", "_salt", "_seconds")

    def __init__(self, plan: JwtPlan, tools: Tools) -> None:
        self._admission = Admission(KIND, tools.accounts, _CHALLENGE)
        self._seconds = tools.seconds
        self._cache: TokenCache[Verified] = tools.keep(TokenCache, TokenCache)
        rules = json.dumps(plan.describe(), sort_keys=True)
        self._salt = hashlib.sha256(rules.encode()).digest()  # what was verified by other rules is none of ours
        alive: WeakValueDictionary[IssuerPlan, Issuer] = tools.keep(Issuer, WeakValueDictionary)
        self._issuers: dict[str, Issuer] = {}
        for each in plan.issuers:
            issuer = alive.get(each)
            if issuer is None:
                issuer = alive[each] = Issuer(each, tools.key_sets)
            self._issuers[each.issuer] = issuer

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]:
        assert exchange.head is not None
        text = bearer_token(exchange.head.get(_AUTHORIZATION))
        if text is None:
            return None
        digest = hashlib.sha256(self._salt + text).digest()
        verified = self._cache.get(digest)
        if verified is not None:
            if self._seconds() < verified.until and verified.ring is verified.issuer.ring:
                return self._admit(verified)
            self._cache.drop(digest)
        return self._verify(text, digest)

    def _verify(self, text: bytes, digest: bytes) -> Found | Awaitable[Found]:
        try:
            token = read_token(text)
            issuer = self._issuer(token)
            ring = issuer.ring
            if ring is None or ring.find(token) is None:
                asked = issuer.wait()
                if asked is not None:
                    return self._wait(asked, token, issuer, digest)
            return self._judge(token, issuer, digest)
        except TokenRefused as refused:
            return _refusal(refused)

    def _issuer(self, token: Token) -> Issuer:
        """What needs no key. Raises TokenRefused."""
        said = token.claims.get("iss")
        issuer = self._issuers.get(said) if isinstance(said, str) else None
        if issuer is None:
            raise TokenRefused("jwt_issuer")
        if token.algorithm not in issuer.plan.algorithms:
            raise TokenRefused("jwt_alg")
        if token.typ not in issuer.plan.types:
            raise TokenRefused("jwt_typ")
        return issuer

    async def _wait(self, asked: Awaitable[bool], token: Token, issuer: Issuer, digest: bytes) -> Found:
        """The key is not here: it may be new. Where nobody can say in time, that is not the token's fault."""
        try:
            is_told = await asked
            found = self._judge(token, issuer, digest, is_told=is_told)
        except TokenRefused as refused:
            return _refusal(refused)
        return found if found is None or isinstance(found, tuple) else await found

    def _judge(self, token: Token, issuer: Issuer, digest: bytes, *, is_told: bool = True) -> Found | Awaitable[Found]:
        """By the keys that are here. Raises TokenRefused."""
        ring = issuer.ring
        key = None if ring is None else ring.find(token)
        if ring is None or key is None:
            if ring is None or not is_told or not issuer.is_fresh:
                return _NO_KEYS
            raise TokenRefused("jwt_kid")
        key.verify(token)
        now, plan = self._seconds(), issuer.plan
        until = min(judge_claims(token.claims, plan, now), now + REMEMBERED_SECONDS)
        vouched = Vouched(
            client_of(token.claims, plan.client_claims),
            scopes_of(token.claims, plan.scope_claims),
            token.claims,
            made_at(token.claims),
            plan.is_known,
        )
        verified = Verified(issuer, ring, vouched, until)
        self._cache.put(digest, token.signed, verified)
        return self._admit(verified)

    def _admit(self, verified: Verified) -> Found | Awaitable[Found]:
        """By what accounts says of the client, where it must know it: also of a token that was verified before."""
        return self._admission.prove(verified.vouched, _AUTHORIZATION, verified.until)


def _refusal(refused: TokenRefused) -> Refusal:
    return Refusal(INVALID, str(refused), _CHALLENGE)
