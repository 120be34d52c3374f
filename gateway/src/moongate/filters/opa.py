"""``authorize: {opa: ...}``: Open Policy Agent decides, by its data API (POST /v1/data/PATH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import msgspec

from moongate.core.errors import CREDENTIALS_MISSING, DEPENDENCY_UNAVAILABLE, FORBIDDEN
from moongate.core.fetching import FetchFailed, FetchRequest, shown_path
from moongate.core.message import fields_of
from moongate.filters.resource import ResourcePlan
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from moongate.core.exchange import Exchange
    from moongate.core.fetching import Fetched
    from moongate.filters.port import Tools

_LINES: Final = b"Content-Type: application/json\r\nAccept: application/json\r\n"
_ACTIONS: Final = ResourcePlan("", ())  # what methods do where the route does not say

_DENIED: Final = Refusal(FORBIDDEN, "opa_denied")
_DENIED_ANONYMOUS: Final = Refusal(CREDENTIALS_MISSING, "opa_denied", ((b"WWW-Authenticate", b"Bearer"),))


@dataclass(frozen=True, slots=True)
class OpaPlan:
    """``service`` is asked for the document at ``path``, for ``timeout`` seconds, and told of the request's fields
    ``headers`` (in lower case) and of the route's ``resource``, if it has one."""

    service: str
    path: str
    headers: tuple[str, ...] = ()
    timeout: float = 1.0
    resource: ResourcePlan | None = None

    def describe(self) -> dict[str, Any]:
        said: dict[str, Any] = {"service": self.service, "path": shown_path(self.path)}
        if self.headers:
            said["headers"] = list(self.headers)
        if self.resource is not None:
            said.update(self.resource.describe())
        return {**said, "timeout": self.timeout}

    def asking(self) -> str:
        """What it asks, for people who run the gateway."""
        return f"asks service {self.service} for POST {shown_path(self.path)}, whether its policy allows that"


class Opa:
    """The step itself, behind what ``authorize`` asks without it: ``own``, if anything."""

    __slots__ = ("_fetching", "_names", "_own", "_plan", "_target")

    def __init__(self, plan: OpaPlan, tools: Tools, own: Callable[[Exchange], Refusal | None] | None) -> None:
        self._plan = plan
        self._fetching = tools.fetching
        self._own = own
        self._target = plan.path.encode("ascii")
        self._names = frozenset(plan.headers)

    def __call__(self, exchange: Exchange, /) -> Refusal | Awaitable[Refusal | None]:
        refused = None if self._own is None else self._own(exchange)
        return self._ask(exchange) if refused is None else refused

    async def _ask(self, exchange: Exchange) -> Refusal | None:
        fetching = self._fetching
        assert fetching is not None, "offline nobody awaits this"
        body = msgspec.json.encode({"input": self._input(exchange)})
        request = FetchRequest(self._plan.service, b"POST", self._target, _LINES, body, self._plan.timeout)
        try:
            is_allowed = _decision(await fetching.fetch(exchange, request))
        except FetchFailed as failed:
            return Refusal(DEPENDENCY_UNAVAILABLE, f"opa_{failed.reason}")
        if is_allowed:
            return None
        return _DENIED_ANONYMOUS if exchange.identity is None else _DENIED

    def _input(self, exchange: Exchange) -> dict[str, Any]:
        """What policies are told of the request, as its service would be sent it."""
        head, identity, resource = exchange.head, exchange.identity, self._plan.resource
        assert head is not None
        path = head.path.decode("ascii")
        query = (head.query if exchange.query is None else exchange.query)[1:].decode("ascii", "replace")
        return {
            "method": head.method.decode("ascii"),
            "path": path,
            "segments": [segment for segment in path.split("/") if segment],
            "host": head.host.decode("ascii", "replace"),
            "query": parse_qs(query, keep_blank_values=True),
            "headers": self._headers(exchange),
            "client": None if identity is None else identity.client,
            "scopes": [] if identity is None else sorted(identity.scopes),
            "claims": {} if identity is None else dict(identity.claims),
            "resource": None if resource is None else b"/".join(resource.of(head.path)).decode("ascii"),
            "action": (resource or _ACTIONS).action(head.method),
        }

    def _headers(self, exchange: Exchange) -> dict[str, str]:
        if not self._names:
            return {}
        assert exchange.head is not None
        lines = exchange.head.section.lines
        said: dict[str, str] = {}
        for raw_name, raw_value in fields_of(lines if exchange.edits is None else exchange.edits.apply(lines)):
            name = raw_name.decode("ascii").lower()
            if name in self._names:
                value = raw_value.decode("utf-8", "replace")
                said[name] = f"{said[name]}, {value}" if name in said else value  # RFC 9110 section 5.3
        return said


def _decision(fetched: Fetched) -> bool:
    """A document that there is not is no permission. Raises FetchFailed for what is no decision."""
    if fetched.status != 200:
        raise FetchFailed(f"status_{fetched.status}")
    try:
        document = msgspec.json.decode(fetched.body)
    except (msgspec.DecodeError, RecursionError):
        raise FetchFailed("bad_json") from None
    if not isinstance(document, dict):
        raise FetchFailed("bad_document")
    result = document.get("result", False)
    if isinstance(result, dict):
        result = result.get("allow", False)
    if not isinstance(result, bool):
        raise FetchFailed("bad_result")
    return result
