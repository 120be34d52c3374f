"""The end of a session: its cookie is forgotten, and the browser is sent to the provider to end it there too (OpenID
Connect RP-Initiated Logout 1.0).

Only a page of the same origin, or the person at the keyboard, ends a session at once: by a link or a form. A link from
elsewhere is answered with a question, and an image or a form of another site with nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.core.errors import BAD_REQUEST, FORBIDDEN, METHOD_NOT_ALLOWED
from moongate.filters.oidc_login import with_query
from moongate.filters.oidc_pages import asked_to_log_out, sent_to
from moongate.filters.oidc_session import Sessions
from moongate.filters.same_site import is_foreign, is_navigation
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.filters.oidc_plan import OidcPlan
    from moongate.filters.port import Logins, Tools
    from moongate.filters.verdicts import Response

_MAX_HINT_CHARS: Final = 2048
"""Of an ID token in a URL; beyond it the provider is told who we are instead."""


class Logout:
    """The gateway's own path that ends sessions of one plan."""

    __slots__ = ("_logins", "_plan", "_sessions")

    def __init__(self, plan: OidcPlan, tools: Tools, logins: Logins) -> None:
        self._plan = plan
        self._logins = logins
        self._sessions = Sessions(plan, tools)

    def __call__(self, exchange: Exchange, /) -> Response | Refusal:
        head = exchange.head
        assert head is not None
        if head.method == b"POST":
            return Refusal(FORBIDDEN, "oidc_cross_site") if is_foreign(exchange) else self._end(exchange)
        if head.method != b"GET":
            return Refusal(METHOD_NOT_ALLOWED, "method", ((b"Allow", b"GET, POST"),))
        if head.section.has_body:
            return Refusal(BAD_REQUEST, "oidc_logout")
        if not is_navigation(exchange):
            return Refusal(FORBIDDEN, "oidc_no_navigation")
        is_ours = head.get(b"sec-fetch-site") is not None and not is_foreign(exchange)
        return self._end(exchange) if is_ours else asked_to_log_out(exchange, self._plan.logout)

    def _end(self, exchange: Exchange) -> Response:
        plan, origin = self._plan, exchange.public_origin()
        session, provider = self._sessions.find(exchange), self._logins.provider(plan.issuer.issuer)
        there = plan.after_logout
        if session is not None and provider is not None and provider.end_session_endpoint:
            asked = {"client_id": plan.client_id, "post_logout_redirect_uri": origin + plan.after_logout}
            if 0 < len(session.id_token) <= _MAX_HINT_CHARS:
                asked["id_token_hint"] = session.id_token
            there = with_query(provider.end_session_endpoint, asked)
        return sent_to(there, self._sessions.forgotten(is_secure=origin.startswith("https://")), status=303)
