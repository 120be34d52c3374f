"""Sessions of people who have logged in: in a cookie each, which no gateway has to remember.

So they outlive restarts and reloads and are good at every gateway that has the key; the price is that a copy of the
cookie is good until its end, whatever happened to the original. What a provider gives to renew a session by is in there
as well, sealed like the rest: kept anywhere else it would need a store that all workers and gateways share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from moongate.filters.jwt_claims import client_of, made_at
from moongate.filters.oidc_seal import MAX_COOKIE_CHARS, Sealer, Session
from moongate.filters.own_cookies import SESSION, cookie_name, cookies_of, set_cookie

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.filters.oidc_plan import OidcPlan
    from moongate.filters.port import Logins, Tools
    from moongate.stores.provider import Granted

_RENEWED_SHARE: Final = 0.8  # of the life of what the provider gave: before its end, and not twice where clocks differ
_RENEWED_SECONDS: Final = 5.0
"""A session is renewed no more often than that, however short a life its provider gives."""
_ALWAYS_KEPT: Final = ("iss", "sub")


class Sessions:
    """Of one plan. ``is_secure`` is whether the browser is spoken to over https, as in all that follows."""

    __slots__ = ("_keys", "_logins", "_plan", "_sealer", "_seconds")

    def __init__(self, plan: OidcPlan, tools: Tools) -> None:
        self._plan = plan
        self._logins: Logins | None = tools.logins
        self._seconds = tools.seconds
        self._keys: tuple[bytes, ...] = ()
        self._sealer: Sealer | None = None

    @property
    def sealer(self) -> Sealer | None:
        """None before control has said by which keys."""
        keys = () if self._logins is None else self._logins.keys
        if keys is not self._keys:
            self._keys = keys
            self._sealer = Sealer(keys, self._plan.name) if keys else None
        return self._sealer

    def find(self, exchange: Exchange) -> Session | None:
        """The session that a request shows, where it is one and not over."""
        assert exchange.head is not None
        sealer, wanted = self.sealer, self._name(is_secure=is_secure(exchange))
        if sealer is None:
            return None
        text = next((value for name, value in cookies_of(exchange.head.section.lines) if name == wanted), None)
        session = None if text is None else sealer.open(text, Session)
        return session if session is not None and self._seconds() < session.until else None

    def begun(self, claims: dict[str, Any], granted: Granted) -> Session:
        """Of the login that made an ID token of these ``claims``. Raises TokenRefused where they name no client."""
        now = self._seconds()
        return Session(
            client=client_of(claims, self._plan.issuer.client_claims),
            scopes=tuple(granted.scope.split()) or self._plan.scopes,
            claims={name: claims[name] for name in (*_ALWAYS_KEPT, *self._plan.claims) if name in claims},
            made=made_at(claims),
            until=now + self._plan.session_seconds,
            renew_at=_renew_at(granted, now) if granted.refresh_token else float("inf"),
            refresh_token=granted.refresh_token,
            id_token=granted.id_token,
        )

    def renewed(self, session: Session, claims: dict[str, Any] | None, granted: Granted) -> Session:
        """``session`` for as long as it was to last, with what the provider says now; ``claims`` where it made a new ID
        token."""
        again = self.begun(claims, granted) if claims is not None else session
        return Session(
            client=again.client,
            scopes=tuple(granted.scope.split()) or session.scopes,
            claims=again.claims,
            made=again.made,
            until=session.until,
            renew_at=_renew_at(granted, self._seconds()),
            refresh_token=granted.refresh_token or session.refresh_token,
            id_token=again.id_token or session.id_token,
        )

    def cookie(self, session: Session, *, is_secure: bool) -> bytes | None:
        """The value of Set-Cookie for it. Where a browser would not keep all of it, what the provider knows the session
        by is left out, then what it is renewed by; None where the claims alone are too many."""
        name, seconds = self._name(is_secure=is_secure), int(session.until - self._seconds())
        without = replace(session, id_token="")
        assert self.sealer is not None
        bare = Session(session.client, session.scopes, session.claims, session.made, session.until)
        for each in (session, without, bare):
            value = self.sealer.seal(each)
            if len(value) <= MAX_COOKIE_CHARS:
                return set_cookie(name, value, max(seconds, 1), is_secure=is_secure)
        return None

    def forgotten(self, *, is_secure: bool) -> bytes:
        """The value of Set-Cookie that ends it in its browser."""
        return set_cookie(self._name(is_secure=is_secure), "", 0, is_secure=is_secure)

    def _name(self, *, is_secure: bool) -> str:
        return cookie_name(SESSION + self._plan.name, is_secure=is_secure)


def is_secure(exchange: Exchange) -> bool:
    """Whether the client came over https."""
    return exchange.public_origin().startswith("https://")


def _renew_at(granted: Granted, now: float) -> float:
    if not granted.expires_in:
        return float("inf")
    return now + max(granted.expires_in * _RENEWED_SHARE, _RENEWED_SECONDS)
