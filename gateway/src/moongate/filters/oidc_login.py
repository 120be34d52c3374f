"""The beginning of a login: a browser is sent to the provider (OpenID Connect Core 1.0 section 3.1.2.1), and keeps in a
cookie what proves, when it comes back, that it was sent."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from moongate.core.errors import CREDENTIALS_MISSING, DEPENDENCY_UNAVAILABLE
from moongate.filters.oidc_pages import refused, sent_to
from moongate.filters.oidc_seal import Attempt
from moongate.filters.own_cookies import LOGIN, cookie_name, cookies_of, set_cookie
from moongate.filters.verdicts import Refusal, Response

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.filters.oidc_plan import OidcPlan
    from moongate.filters.oidc_session import Sessions
    from moongate.filters.port import Tools

LOGIN_SECONDS: Final = 600
MAX_ATTEMPTS: Final = 4
"""Logins that one browser can have under way, as in several tabs: their cookies must fit into a request's line."""
MAX_TARGET_CHARS: Final = 512
_MAX_FORGOTTEN: Final = 16
_STATE_CHARS: Final = 8  # of it, in the name of the cookie
_LOCAL: Final = re.compile(r"/(?![/\\])[\x21-\x7e]*")  # browsers read a backslash as a slash, and //host as a host
_OFFLINE: Final = "offline_access"
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Entrance:
    """Where logins of one plan begin, and what became of them is found again."""

    __slots__ = ("_logins", "_plan", "_seconds", "_sessions")

    def __init__(self, plan: OidcPlan, tools: Tools, sessions: Sessions) -> None:
        self._plan = plan
        self._logins = tools.logins
        self._seconds = tools.seconds
        self._sessions = sessions

    def begin(self, exchange: Exchange) -> Response | Refusal:
        """Send the browser to the provider."""
        plan, origin = self._plan, exchange.public_origin()
        if not is_safe(origin, allows_http=plan.allows_http):
            return Refusal(CREDENTIALS_MISSING, "oidc_needs_tls", ((b"WWW-Authenticate", plan.challenge),))
        if self._logins is None:
            return sent_to(plan.issuer.issuer)  # offline, nobody has asked the provider for more than its name
        provider, sealer = self._logins.provider(plan.issuer.issuer), self._sessions.sealer
        if provider is None or not provider.authorization_endpoint or sealer is None:
            return refused(exchange, DEPENDENCY_UNAVAILABLE, "oidc_provider_unavailable")
        assert exchange.head is not None
        target = local_target(exchange.head.path, exchange.head.query)
        attempt = Attempt(_random(16), _random(16), _random(32), target, self._seconds())
        challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=")
        asked = {
            "response_type": "code",
            "client_id": plan.client_id,
            "redirect_uri": origin + plan.callback,
            "scope": " ".join(plan.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        if _OFFLINE in plan.scopes:
            asked["prompt"] = "consent"  # OpenID Connect Core 1.0 section 11: else it is not granted
        secure = origin.startswith("https://")
        begun = set_cookie(
            self._name(attempt.state, is_secure=secure), sealer.seal(attempt), LOGIN_SECONDS, is_secure=secure
        )
        return sent_to(with_query(provider.authorization_endpoint, asked), *self._too_many(exchange, secure), begun)

    def find(self, exchange: Exchange, state: str) -> Attempt | None:
        """The login of that ``state``, where this browser began one and it is not too old."""
        assert exchange.head is not None
        secure, sealer = exchange.public_origin().startswith("https://"), self._sessions.sealer
        wanted = self._name(state, is_secure=secure)
        text = next((value for name, value in cookies_of(exchange.head.section.lines) if name == wanted), None)
        attempt = None if text is None or sealer is None else sealer.open(text, Attempt)
        if attempt is None or not secrets.compare_digest(attempt.state.encode(), state.encode()):
            return None
        return attempt

    def is_over(self, attempt: Attempt) -> bool:
        return not -self._plan.issuer.leeway <= self._seconds() - attempt.made <= LOGIN_SECONDS

    def forgotten(self, state: str, *, is_secure: bool) -> bytes:
        """The value of Set-Cookie that ends the login of that ``state``: it is good once."""
        return set_cookie(self._name(state, is_secure=is_secure), "", 0, is_secure=is_secure)

    def _too_many(self, exchange: Exchange, is_secure: bool) -> list[bytes]:
        """The end of those logins that are one too many, the oldest first, and of what is none."""
        assert exchange.head is not None
        prefix, sealer = self._name("", is_secure=is_secure), self._sessions.sealer
        assert sealer is not None
        found: list[tuple[float, str]] = []
        for name, text in cookies_of(exchange.head.section.lines):
            if name.startswith(prefix) and len(found) < _MAX_FORGOTTEN:
                attempt = sealer.open(text, Attempt)
                found.append((0.0 if attempt is None else attempt.made, name))
        found.sort()
        many = [name for _, name in found[: max(len(found) - MAX_ATTEMPTS + 1, 0)]]
        return [set_cookie(name, "", 0, is_secure=is_secure) for name in many]

    def _name(self, state: str, *, is_secure: bool) -> str:
        return cookie_name(f"{LOGIN}{self._plan.name}-{state[:_STATE_CHARS]}", is_secure=is_secure)


def local_target(path: bytes, query: bytes) -> str:
    """Where a browser is to go when it is back: a path of the host that it came to, never another host's."""
    for target in (path + query, path):
        text = target.decode("latin-1")
        if len(text) <= MAX_TARGET_CHARS and _LOCAL.fullmatch(text) is not None:
            return text
    return "/"


def is_safe(origin: str, *, allows_http: bool) -> bool:
    """Whether a cookie can be given to a browser there and nobody else: over TLS, or on the same machine."""
    try:
        host = urlsplit(origin).hostname
    except ValueError:
        return False
    if not host:  # HTTP/1.0 need not say where it came to
        return False
    is_here = host in _LOOPBACK or host.endswith(".localhost")  # RFC 6761 section 6.3
    return is_here or allows_http or origin.startswith("https://")


def with_query(url: str, asked: dict[str, str]) -> str:
    """``url``, which may have a query already, with more of it."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"


def _random(size: int) -> str:
    return secrets.token_urlsafe(size)
