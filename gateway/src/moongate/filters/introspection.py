"""``introspection``: access tokens that say nothing themselves; whoever made them is asked (RFC 7662).

What was said of a token is remembered under its SHA-256, good or bad, so that a token that is shown again costs what a
JWT does. However many requests show a new one at a time, one question is asked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, quote_plus

import msgspec

from moongate.core.addresses import origin_of
from moongate.core.fetching import FetchFailed, FetchRequest, shown_path
from moongate.filters.admission import Admission, Vouched
from moongate.filters.authenticate import INVALID, UNAVAILABLE
from moongate.filters.failures import Failures, refusal
from moongate.filters.jwt_cache import TokenCache
from moongate.filters.jwt_claims import client_of, date_of, made_at, scopes_of, texts_of
from moongate.filters.jwt_form import MAX_TOKEN_BYTES, TokenRefused, bearer_token, claimed_issuer
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange
    from moongate.core.fetching import Fetched
    from moongate.filters.authenticate import Found, Method
    from moongate.filters.port import Tools

KIND: Final = "introspection"
REFUSED_SECONDS: Final = 5.0  # how long a no is remembered
_AUTHORIZATION: Final = b"authorization"
_FORM: Final = re.compile(rb"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 section 2.1
_CHALLENGE: Final = ((b"WWW-Authenticate", b'Bearer error="invalid_token"'),)  # RFC 6750 section 3.1
_LINES: Final = b"Content-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n"
_SCOPES: Final = ("scope", "scp")

_MALFORMED: Final = Refusal(INVALID, f"{KIND}_malformed", _CHALLENGE)
_INACTIVE: Final = Refusal(INVALID, f"{KIND}_inactive", _CHALLENGE)
_AUDIENCE: Final = Refusal(INVALID, f"{KIND}_audience", _CHALLENGE)
_CLIENT: Final = Refusal(INVALID, f"{KIND}_client", _CHALLENGE)


@dataclass(frozen=True, slots=True)
class Credential:
    """The gateway's own at the endpoint: a client with its secret, shown by HTTP Basic or, where it ``is_posted``, in
    the body; or else a bearer token, without ``client_id`` (RFC 7662 section 2.1)."""

    client_id: str = ""
    secret: str = field(default="", repr=False)
    is_posted: bool = False

    def lines(self) -> bytes:
        """As a field line, or nothing."""
        if not self.client_id:
            return b"Authorization: Bearer %b\r\n" % self.secret.encode("ascii")
        if self.is_posted:
            return b""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"  # RFC 6749 section 2.3.1
        return b"Authorization: Basic %b\r\n" % base64.b64encode(pair.encode("ascii"))

    def form(self) -> str:
        """As parameters of the body, or nothing."""
        if not self.is_posted:
            return ""
        return f"&client_id={quote_plus(self.client_id)}&client_secret={quote_plus(self.secret)}"


@dataclass(frozen=True, slots=True)
class IntrospectionPlan:
    """``service`` is asked at ``path``, for ``timeout`` seconds, and taken at its word for ``cache`` seconds. Tokens
    must be for one of ``audiences``, if there are any. ``clients`` are names of members, of which the first that is
    there says who calls; accounts must know it where ``is_known``. JWTs of the issuers ``others`` are another
    method's."""

    service: str
    path: str
    credential: Credential
    cache: float = 60.0
    timeout: float = 1.0
    clients: tuple[str, ...] = ("client_id", "azp", "sub")
    audiences: frozenset[str] = frozenset()
    is_known: bool = False
    others: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        return KIND

    @property
    def carriers(self) -> frozenset[bytes]:
        return frozenset((_AUTHORIZATION,))

    @property
    def challenge(self) -> bytes:
        return b"Bearer"

    @property
    def hidden(self) -> object:
        return self.path, self.credential.client_id, self.credential.secret

    def bind(self, tools: Tools) -> Method:
        if self.is_known and tools.accounts is None:
            raise ValueError("there is no `accounts` in the config that could know the clients of tokens")
        return Introspection(self, tools)

    def describe(self) -> dict[str, Any]:
        said: dict[str, Any] = {"service": self.service, "path": shown_path(self.path)}
        if self.credential.client_id:
            said["auth_method"] = "client_secret_post" if self.credential.is_posted else "client_secret_basic"
        if self.audiences:
            said["audience"] = sorted(self.audiences)
        if self.others:
            said["but_not_of"] = sorted(self.others)
        return {
            **said,
            "cache": self.cache,
            "timeout": self.timeout,
            "client": list(self.clients),
            "known_to_accounts": self.is_known,
        }

    def asking(self) -> str:
        """What it asks, for people who run the gateway."""
        return f"asks service {self.service} for POST {shown_path(self.path)}, whether the token is active"


class _Told(NamedTuple):
    """What the endpoint said of a token: who calls, or why not. For ``until`` (seconds since 1970)."""

    said: Vouched | Refusal
    until: float


class Introspection:
    """The method itself."""

    __slots__ = (
        "_admission",
        "_cache",
        "_failures",
        "_fetching",
        "_form",
        "_lines",
        "_plan",
        "_refused",
        "_salt",
        "_seconds",
        "_target",
    )

    def __init__(self, plan: IntrospectionPlan, tools: Tools) -> None:
        self._plan = plan
        self._fetching = tools.fetching
        self._seconds = tools.seconds
        self._failures: Failures = tools.keep(Failures, Failures)
        self._admission = Admission(KIND, tools.accounts, _CHALLENGE)
        self._target = plan.path.encode("ascii")
        self._lines = _LINES + plan.credential.lines()
        self._form = "&token_type_hint=access_token" + plan.credential.form()
        # What nobody made must not crowd out what somebody did, so a no is kept apart.
        self._cache: TokenCache[_Told] = tools.keep((KIND, "active"), TokenCache)
        self._refused: TokenCache[_Told] = tools.keep((KIND, "refused"), TokenCache)
        rules = json.dumps([plan.describe(), plan.hidden], sort_keys=True)
        self._salt = hashlib.sha256(rules.encode()).digest()  # what was said by other rules is none of ours

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]:
        assert exchange.head is not None
        text = bearer_token(exchange.head.get(_AUTHORIZATION))
        if text is None:
            return None
        if len(text) > MAX_TOKEN_BYTES or _FORM.fullmatch(text) is None:
            return _MALFORMED
        digest = hashlib.sha256(self._salt + text).digest()
        told = self._remembered(digest)
        if told is not None:
            return self._judge(told)
        if self._plan.others and claimed_issuer(text) in self._plan.others:
            return None
        seconds = self._failures.wait(origin_of(exchange.remote), exchange.started)
        if seconds:  # else whoever makes up tokens would have the endpoint asked about each of them
            return refusal(seconds, f"{KIND}_unjudged")
        return self._ask(exchange, text, digest)

    def _remembered(self, digest: bytes) -> _Told | None:
        told = self._cache.get(digest) or self._refused.get(digest)
        return told if told is not None and self._seconds() < told.until else None

    def _judge(self, told: _Told) -> Found | Awaitable[Found]:
        """Also of what is remembered: accounts may say something else of the client by now."""
        if isinstance(told.said, Refusal):
            return told.said
        return self._admission.prove(told.said, _AUTHORIZATION, told.until)

    async def _ask(self, exchange: Exchange, text: bytes, digest: bytes) -> Found:
        fetching = self._fetching
        assert fetching is not None, "offline nobody awaits this"
        body = f"token={quote(text, safe='')}{self._form}".encode("ascii")
        request = FetchRequest(self._plan.service, b"POST", self._target, self._lines, body, self._plan.timeout)
        told = self._remembered(digest)  # by whoever was answered between the look before and this task's turn
        try:
            told = told or self._read(_document(await fetching.fetch_shared(digest, exchange, request)))
        except FetchFailed as failed:
            return Refusal(UNAVAILABLE, f"{KIND}_{failed.reason}")
        is_refused = isinstance(told.said, Refusal)
        (self._refused if is_refused else self._cache).put(digest, text, told)
        (self._cache if is_refused else self._refused).drop(digest)
        found = self._judge(told)
        return found if found is None or isinstance(found, tuple) else await found

    def _read(self, document: dict[str, Any]) -> _Told:
        """Raises FetchFailed for what is no answer to the question (RFC 7662 section 2.2)."""
        now, plan = self._seconds(), self._plan
        active = document.pop("active", None)
        if not isinstance(active, bool):
            raise FetchFailed("bad_document")
        refused_until = now + REFUSED_SECONDS
        if not active:
            return _Told(_INACTIVE, refused_until)
        try:
            expires, made = date_of(document, "exp"), made_at(document)
        except TokenRefused:
            raise FetchFailed("bad_document") from None
        if expires is not None and expires <= now:
            return _Told(_INACTIVE, refused_until)
        if plan.audiences and plan.audiences.isdisjoint(texts_of(document.get("aud"))):
            return _Told(_AUDIENCE, refused_until)
        try:
            client = client_of(document, plan.clients)
        except TokenRefused:
            return _Told(_CLIENT, refused_until)
        vouched = Vouched(client, scopes_of(document, _SCOPES), document, made, plan.is_known)
        until = now + plan.cache
        return _Told(vouched, until if expires is None else min(until, expires))


def _document(fetched: Fetched) -> dict[str, Any]:
    """Raises FetchFailed: also for 401, which is about the gateway's own credential and not about the token."""
    if fetched.status != 200:
        raise FetchFailed(f"status_{fetched.status}")
    try:
        return msgspec.json.decode(fetched.body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise FetchFailed("bad_json") from None
