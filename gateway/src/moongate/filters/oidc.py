"""``oidc``: people who have logged in at an OpenID Connect provider, known again by a cookie; who has not is sent there
where a browser asks for a page.

A cookie goes along whoever had the browser send it, so what changes something must come from the same origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.core.edits import FieldEdits
from moongate.core.errors import FORBIDDEN
from moongate.filters.admission import Admission, Vouched
from moongate.filters.authenticate import UNAVAILABLE
from moongate.filters.jwt_form import TokenRefused
from moongate.filters.oidc_id_token import IdTokens, KeysUnavailable
from moongate.filters.oidc_login import Entrance
from moongate.filters.oidc_plan import KIND
from moongate.filters.oidc_session import Sessions, is_secure
from moongate.filters.same_site import SAFE_METHODS, is_foreign, is_navigation
from moongate.filters.verdicts import Refusal
from moongate.stores.provider import Question

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange
    from moongate.filters.authenticate import Found
    from moongate.filters.oidc_plan import OidcPlan
    from moongate.filters.oidc_seal import Session
    from moongate.filters.port import Logins, Tools
    from moongate.filters.verdicts import Response

GRACE_SECONDS: Final = 900.0
"""How long a session whose provider does not answer goes on: as long as known clients do while accounts is away."""
_NOWHERE: Final = b""  # `session_cookies` has the cookie stay here, on every route
_CROSS_SITE: Final = Refusal(FORBIDDEN, "oidc_cross_site")
_UNAVAILABLE: Final = Refusal(UNAVAILABLE, "oidc_provider_unavailable")


class Oidc:
    """The method itself."""

    __slots__ = ("_admission", "_entrance", "_id_tokens", "_logins", "_plan", "_seconds", "_sessions")

    def __init__(self, plan: OidcPlan, tools: Tools) -> None:
        self._plan = plan
        self._logins: Logins | None = tools.logins
        self._seconds = tools.seconds
        self._sessions = Sessions(plan, tools)
        self._entrance = Entrance(plan, tools, self._sessions)
        self._admission = Admission(KIND, tools.accounts)
        self._id_tokens = IdTokens(plan.issuer, plan.client_id, tools.key_sets, tools.seconds)

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]:
        session = self._sessions.find(exchange)
        if session is None:
            return None
        head = exchange.head
        assert head is not None
        foreign = is_foreign(exchange)
        if foreign and (head.method not in SAFE_METHODS or head.section.upgrade):
            return _CROSS_SITE
        if session.refresh_token and self._seconds() >= session.renew_at:
            return self._renew(exchange, session)
        until = min(session.until, session.renew_at if session.refresh_token else session.until)
        # What another site asked for is let in for its method alone: the same fields say nothing of the next request.
        return self._admit(session, 0.0 if foreign else until)

    def invite(self, exchange: Exchange) -> Response | Refusal | None:
        """Send whoever can log in to the provider; None where nobody sees a page."""
        return self._entrance.begin(exchange) if is_navigation(exchange) else None

    def _admit(self, session: Session, until: float) -> Found | Awaitable[Found]:
        is_known = self._plan.issuer.is_known
        vouched = Vouched(session.client, frozenset(session.scopes), session.claims, session.made, is_known)
        return self._admission.prove(vouched, _NOWHERE, until)

    async def _renew(self, exchange: Exchange, session: Session) -> Found:
        """Ask the provider whether it still vouches. Where it does not, there is no session any more."""
        assert self._logins is not None
        result, granted = await self._logins.ask(Question(self._plan.name, "refresh_token", session.refresh_token))
        if result == "refused":
            return None
        if result == "unavailable":
            is_borne = self._seconds() < session.renew_at + GRACE_SECONDS
            return await _found(self._admit(session, 0.0)) if is_borne else _UNAVAILABLE
        claims = None
        try:
            if granted.id_token:
                claims = await self._id_tokens.verify(granted.id_token, None)
                if claims["sub"] != session.claims.get("sub"):
                    return None  # OpenID Connect Core 1.0 section 12.2: somebody else's
            renewed = self._sessions.renewed(session, claims, granted)
        except KeysUnavailable:
            return _UNAVAILABLE
        except TokenRefused:
            return None
        cookie = self._sessions.cookie(renewed, is_secure=is_secure(exchange))
        if cookie is not None:
            lines = b"Set-Cookie: %b\r\nCache-Control: no-store\r\n" % cookie
            exchange.edit_response(FieldEdits(frozenset((b"cache-control",)), lines))
        return await _found(self._admit(renewed, 0.0))


async def _found(found: Found | Awaitable[Found]) -> Found:
    return found if found is None or isinstance(found, tuple) else await found
