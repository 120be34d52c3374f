"""``authorize: {opa: ...}``: Open Policy Agent decides, by its data API (POST /v1/data/PATH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from moongate.core.errors import CREDENTIALS_MISSING, DEPENDENCY_UNAVAILABLE, FORBIDDEN
from moongate.core.fetching import FetchFailed, FetchRequest, shown_path
from moongate.filters.policy_input import policy_input
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from moongate.core.exchange import Exchange
    from moongate.core.fetching import Fetched
    from moongate.filters.port import Tools
    from moongate.filters.resource import ResourcePlan

_LINES: Final = b"Content-Type: application/json\r\nAccept: application/json\r\n"

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
        body = msgspec.json.encode({"input": policy_input(exchange, self._plan.resource, self._names)})
        request = FetchRequest(self._plan.service, b"POST", self._target, _LINES, body, self._plan.timeout)
        try:
            is_allowed = _decision(await fetching.fetch(exchange, request))
        except FetchFailed as failed:
            return Refusal(DEPENDENCY_UNAVAILABLE, f"opa_{failed.reason}")
        if is_allowed:
            return None
        return _DENIED_ANONYMOUS if exchange.identity is None else _DENIED


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
