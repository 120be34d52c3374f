"""The end of a login: a browser is back from the provider with a code (OpenID Connect Core 1.0 section 3.1.2.5), which
control has exchanged for an ID token; what that says becomes a session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from moongate.core.addresses import origin_of
from moongate.core.errors import (
    BAD_REQUEST,
    CREDENTIALS_INVALID,
    DEPENDENCY_UNAVAILABLE,
    INTERNAL,
    LOGIN_EXPIRED,
    LOGIN_REFUSED,
    METHOD_NOT_ALLOWED,
    RATE_LIMITED,
)
from moongate.filters.failures import Failures, refusal
from moongate.filters.jwt_form import TokenRefused
from moongate.filters.oidc_id_token import IdTokens, KeysUnavailable
from moongate.filters.oidc_login import Entrance, local_target
from moongate.filters.oidc_pages import refused, sent_to
from moongate.filters.oidc_session import Sessions, is_secure
from moongate.filters.verdicts import Refusal
from moongate.stores.provider import Question

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.errors import Failure
    from moongate.core.exchange import Exchange
    from moongate.filters.oidc_plan import OidcPlan
    from moongate.filters.oidc_seal import Attempt
    from moongate.filters.port import Logins, Tools
    from moongate.filters.verdicts import Response

_MAX_VALUES: Final = 32
_KNOWN: Final = ("code", "state", "iss", "error")
_STATE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LATER: Final = ("server_error", "temporarily_unavailable")  # RFC 6749 section 4.1.2.1: the provider's own trouble
_ERRORS: Final = frozenset(
    (
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "unauthorized_client",
        "unsupported_response_type",
        *_LATER,
    )
)
"""Of RFC 6749 and OpenID Connect Core 1.0 section 3.1.2.6: what else somebody writes there is not for the log."""


class Callback:
    """The gateway's own path that a provider sends browsers back to."""

    __slots__ = ("_entrance", "_failures", "_id_tokens", "_logins", "_plan", "_sessions")

    def __init__(self, plan: OidcPlan, tools: Tools, logins: Logins) -> None:
        self._plan = plan
        self._logins = logins
        self._failures: Failures = tools.keep(Callback, Failures)  # of codes: control asks about few at a time
        self._sessions = Sessions(plan, tools)
        self._entrance = Entrance(plan, tools, self._sessions)
        self._id_tokens = IdTokens(plan.issuer, plan.client_id, tools.key_sets, tools.seconds)

    def __call__(self, exchange: Exchange, /) -> Response | Refusal | Awaitable[Response | Refusal]:
        head = exchange.head
        assert head is not None
        if head.method != b"GET":
            return Refusal(METHOD_NOT_ALLOWED, "method", ((b"Allow", b"GET"),))
        said = _values(head.query)
        if head.section.has_body or said is None:
            return Refusal(BAD_REQUEST, "oidc_callback")
        state = said.get("state", "")
        attempt = self._entrance.find(exchange, state) if _STATE.fullmatch(state) else None
        if attempt is None:
            return refused(exchange, LOGIN_EXPIRED, "oidc_state", again="/")
        if self._entrance.is_over(attempt):
            return self._refused(exchange, attempt, LOGIN_EXPIRED, "oidc_too_late")
        provider, issuer = self._logins.provider(self._plan.issuer.issuer), said.get("iss")
        names_itself = provider is not None and provider.names_itself
        if issuer != self._plan.issuer.issuer and (issuer is not None or names_itself):  # RFC 9207 section 2.4
            return self._refused(exchange, attempt, LOGIN_EXPIRED, "oidc_iss")
        error, code = said.get("error"), said.get("code")
        if error is not None:
            return self._refused(
                exchange,
                attempt,
                DEPENDENCY_UNAVAILABLE if error in _LATER else LOGIN_REFUSED,
                f"oidc_{error}" if error in _ERRORS else "oidc_error",
            )
        if not code:
            return self._refused(exchange, attempt, LOGIN_EXPIRED, "oidc_no_code")
        seconds = self._failures.wait(origin_of(exchange.remote), exchange.started)
        if seconds:
            _, reason, fields = refusal(seconds, "oidc_codes_refused")
            return refused(exchange, RATE_LIMITED, reason, again=attempt.target, fields=fields)
        return self._finish(exchange, attempt, code)

    async def _finish(self, exchange: Exchange, attempt: Attempt, code: str) -> Response | Refusal:
        plan, origin = self._plan, exchange.public_origin()
        question = Question(plan.name, "authorization_code", code, origin + plan.callback, attempt.verifier)
        result, granted = await self._logins.ask(question)
        if result == "refused":
            self._failures.count(origin_of(exchange.remote), exchange.started)
            return self._refused(exchange, attempt, LOGIN_EXPIRED, "oidc_code_refused")
        if result == "unavailable":
            return refused(exchange, DEPENDENCY_UNAVAILABLE, "oidc_provider_unavailable", again=attempt.target)
        try:
            claims = await self._id_tokens.verify(granted.id_token, attempt.nonce)
            session = self._sessions.begun(claims, granted)
        except KeysUnavailable:
            return refused(exchange, DEPENDENCY_UNAVAILABLE, "jwt_keys_unavailable", again=attempt.target)
        except TokenRefused as error:
            return self._refused(exchange, attempt, CREDENTIALS_INVALID, str(error))
        cookie = self._sessions.cookie(session, is_secure=is_secure(exchange))
        if cookie is None:
            return self._refused(exchange, attempt, INTERNAL, "oidc_session_too_large")
        over = self._entrance.forgotten(attempt.state, is_secure=is_secure(exchange))
        return sent_to(local_target(attempt.target.encode("latin-1"), b""), over, cookie)

    def _refused(self, exchange: Exchange, attempt: Attempt, failure: Failure, reason: str) -> Response | Refusal:
        """That was the login of ``attempt``: it is over."""
        over = self._entrance.forgotten(attempt.state, is_secure=is_secure(exchange))
        fields = [(b"Set-Cookie", over)]
        if failure is CREDENTIALS_INVALID:
            fields.append((b"WWW-Authenticate", self._plan.challenge))
        return refused(exchange, failure, reason, again=attempt.target, fields=tuple(fields))


def _values(query: bytes) -> dict[str, str] | None:
    """What the provider says; None where it says something twice, or too much: nobody could tell what it means."""
    try:
        pairs = parse_qsl(query[1:].decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_VALUES)
    except ValueError:
        return None
    known = [(name, value) for name, value in pairs if name in _KNOWN]
    return dict(known) if len(known) == len(dict(known)) else None
