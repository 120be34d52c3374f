"""``forward_auth``: a service decides over each request, as with Traefik, Caddy and nginx' auth_request.

A step of its own and no method of ``authenticate``: an authorizer is shown path and method and may decide by them,
while ``authenticate`` remembers who calls by the header section alone. What the authorizer says holds for the one
request that it was asked about, or, with ``cache``, for requests that it would be told the same of.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from moongate.core.edits import FieldEdits
from moongate.core.errors import BAD_REQUEST, DEPENDENCY_UNAVAILABLE
from moongate.core.exchange import Identity
from moongate.core.fetching import Fetched, FetchFailed, FetchRequest, shown_path
from moongate.core.fields import NOT_FETCHED, NOT_FETCHED_PREFIXES
from moongate.core.message import fields_of, lines_of, lines_without, stands_twice
from moongate.filters.identity_fields import IDENTITY_FIELDS, identity_lines
from moongate.filters.jwt_cache import TokenCache
from moongate.filters.verdicts import Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange
    from moongate.core.message import Field
    from moongate.filters.port import Fetching, Filter, Tools, Verdict

KIND: Final = "forward_auth"
_NOT_MODIFIED: Final = 304  # no condition is ever sent
_MAX_CLIENT_CHARS: Final = 256

# What of a refusal goes back to the client beside its body: what the body is, and what the client is to do next. The
# rest (Server, tracing, what the authorizer tells services) is nobody's business there.
_ANSWERED: Final = frozenset(
    (
        b"cache-control",
        b"content-encoding",
        b"content-language",
        b"content-type",
        b"location",
        b"retry-after",
        b"set-cookie",
        b"vary",
        b"www-authenticate",
    )
)
_SAID: Final = frozenset((b"x-forwarded-method", b"x-forwarded-uri"))  # by nobody else, a trusted proxy neither
_TWICE: Final = Refusal(BAD_REQUEST, f"{KIND}_credential_twice")
_NO_STORE: Final = ((b"Cache-Control", b"no-store"),)


@dataclass(frozen=True, slots=True)
class ForwardAuthPlan:
    """``service`` is asked at ``path``, for ``timeout`` seconds. It is sent the request's fields ``sent``, all where
    that is None, and the fields ``taken`` of its answer go on to the request's own service, and none of the caller's
    under these names. Field ``client`` of its answer says who calls, unless that is empty. It is taken at its word
    for ``cache`` seconds. Names in lower case."""

    service: str
    path: str
    sent: tuple[str, ...] | None
    taken: tuple[str, ...]
    client: str
    cache: float
    timeout: float

    @property
    def kind(self) -> str:
        return KIND

    def bind(self, tools: Tools) -> Filter:
        return ForwardAuth(self, tools)

    def asking(self) -> str:
        """What it asks, for people who run the gateway."""
        sent = "all its fields" if self.sent is None else f"the fields {', '.join(self.sent) or 'none'}"
        what = f"asks service {self.service} for GET {shown_path(self.path)}"
        return f"{what}, with {sent} and X-Forwarded-Method, -Uri and the like"

    @property
    def hidden(self) -> object:
        return self.path

    def describe(self) -> dict[str, Any]:
        said: dict[str, Any] = {"service": self.service, "path": shown_path(self.path)}
        if self.sent is not None:
            said["request_headers"] = list(self.sent)
        if self.taken:
            said["response_headers"] = list(self.taken)
        if self.client:
            said["client"] = self.client
        if self.cache:
            said["cache"] = self.cache
        return {**said, "timeout": self.timeout}


class _Allowed(NamedTuple):
    """What a request that may go on is given along, until ``until`` (seconds since 1970)."""

    edits: FieldEdits
    identity: Identity | None
    until: float


class ForwardAuth:
    """The step itself."""

    __slots__ = ("_cache", "_dropped", "_fetching", "_plan", "_seconds", "_sent", "_taken", "_target")

    def __init__(self, plan: ForwardAuthPlan, tools: Tools) -> None:
        self._plan = plan
        self._fetching = tools.fetching
        self._seconds = tools.seconds
        self._cache: TokenCache[_Allowed] | None = TokenCache() if plan.cache else None
        self._target = plan.path.encode("ascii")
        self._sent = None if plan.sent is None else frozenset(name.encode("ascii") for name in plan.sent)
        self._taken = frozenset(name.encode("ascii") for name in plan.taken)
        client = frozenset((plan.client.encode("ascii"),)) if plan.client else frozenset()
        self._dropped = self._taken | client

    def __call__(self, exchange: Exchange, /) -> Verdict | Awaitable[Verdict]:
        if self._cache is None or self._fetching is None:
            return self._ask(exchange, self._cache)
        key = hashlib.sha256(self._lines(exchange, self._fetching)).digest()
        allowed = self._cache.get(key)
        if allowed is None or self._seconds() >= allowed.until:
            return self._ask(exchange, self._cache)
        return self._admit(exchange, allowed)

    def _lines(self, exchange: Exchange, fetching: Fetching) -> bytes:
        """What the authorizer is sent beside the request's id. A caller's word about the way that its request came, or
        about another request than this one, is not in it."""
        head = exchange.head
        assert head is not None
        lines = head.section.lines if exchange.edits is None else exchange.edits.apply(head.section.lines)
        query = head.query if exchange.query is None else exchange.query
        return b"%b%bX-Forwarded-Method: %b\r\nX-Forwarded-Uri: %b%b\r\n" % (
            b"".join([line + b"\r\n" for line in lines.split(b"\r\n")[:-1] if self._is_sent(line)]),
            lines_without(fetching.forwarded(exchange), _SAID),
            head.method,
            head.path,
            query,
        )

    def _is_sent(self, line: bytes) -> bool:
        name = line.partition(b":")[0].lower()
        if name in NOT_FETCHED or name.startswith(NOT_FETCHED_PREFIXES):
            return False
        return self._sent is None or name in self._sent or name in IDENTITY_FIELDS

    async def _ask(self, exchange: Exchange, cache: TokenCache[_Allowed] | None) -> Verdict:
        fetching = self._fetching
        assert fetching is not None, "offline nobody awaits this"
        lines = self._lines(exchange, fetching)
        if stands_twice(lines, b"authorization"):
            return _TWICE  # it may judge the one, and the service go by the other
        request = FetchRequest(self._plan.service, b"GET", self._target, lines, seconds=self._plan.timeout)
        try:
            fetched = await fetching.fetch(exchange, request)
        except FetchFailed as failed:
            return _unavailable(failed.reason)
        status = fetched.status
        if status >= 500 or status == _NOT_MODIFIED:
            return _unavailable(f"status_{status}")
        if status >= 300:
            return _refusal(fetched)
        allowed = self._allowed(fetched)
        if allowed is None:
            return _unavailable("bad_client")
        if cache is not None and b"no-store" not in (fetched.get(b"cache-control") or b"").lower():
            cache.put(hashlib.sha256(lines).digest(), allowed.edits.lines, allowed)
        return self._admit(exchange, allowed)

    def _allowed(self, fetched: Fetched) -> _Allowed | None:
        """None where who calls is said in a way that is no name."""
        dropped, lines = self._dropped, lines_of(fetched.lines, self._taken)
        identity = None
        said = fetched.get(self._plan.client.encode("ascii")) if self._plan.client else None
        if said:
            try:
                client = said.decode()
            except UnicodeDecodeError:
                return None
            if len(client) > _MAX_CLIENT_CHARS or not client.isprintable():
                return None
            identity = Identity(client, KIND)
            dropped |= IDENTITY_FIELDS
            lines += identity_lines(identity)
        return _Allowed(FieldEdits(dropped, lines), identity, self._seconds() + self._plan.cache)

    @staticmethod
    def _admit(exchange: Exchange, allowed: _Allowed) -> None:
        if allowed.identity is not None:
            exchange.identity = allowed.identity
        exchange.edit(allowed.edits)


def _unavailable(reason: str) -> Refusal:
    return Refusal(DEPENDENCY_UNAVAILABLE, f"{KIND}_{reason}")


def _refusal(fetched: Fetched) -> Response:
    """What the authorizer says to the client: to sign in elsewhere, or no."""
    fields: tuple[Field, ...] = tuple(fields_of(lines_of(fetched.lines, _ANSWERED)))
    if not any(name.lower() == b"cache-control" for name, _ in fields):
        fields += _NO_STORE  # the next one may be let on
    return Response(fetched.status, fetched.body, fields)
