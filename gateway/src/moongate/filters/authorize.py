"""``authorize``: whether the client that was authenticated may do this to that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from moongate.core.errors import CREDENTIALS_MISSING, FORBIDDEN
from moongate.filters.cedar import Cedar
from moongate.filters.grants import NEVER, Decision, Grants
from moongate.filters.opa import Opa
from moongate.filters.query import forced
from moongate.filters.verdicts import Refusal
from moongate.protocol.http1.target import without_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.core.exchange import Exchange, Identity
    from moongate.filters.cedar import CedarPlan
    from moongate.filters.opa import OpaPlan
    from moongate.filters.port import Filter, Tools
    from moongate.filters.resource import ResourcePlan
    from moongate.stores.records import ClientRecord

KIND: Final = "authorize"
_MAX_REMEMBERED: Final = 1024  # decisions, for each client
_MAX_BYTES: Final = 32 * 1024 * 1024  # of those for all clients: 1024 for each of 10,000 would be 2 GiB
_DECISION_BYTES: Final = 256  # what one takes beside its path

_ANONYMOUS: Final = Refusal(CREDENTIALS_MISSING, "anonymous", ((b"WWW-Authenticate", b"Bearer"),))
_NO_GRANT: Final = Refusal(FORBIDDEN, "no_grant")
_DENIED: Final = Refusal(FORBIDDEN, "denied_by_grant")
_NO_SCOPE: Final = Refusal(
    FORBIDDEN, "scope_missing", ((b"WWW-Authenticate", b'Bearer error="insufficient_scope"'),)
)  # RFC 6750 section 3.1
_NO_CLAIM: Final = Refusal(FORBIDDEN, "claim_missing")


@dataclass(frozen=True, slots=True)
class AuthorizePlan:
    """All that is said must hold. ``resource`` is what the client's grants are asked about, None where they are not;
    ``claims`` are names of a token's claims with the values of which it must have one. ``cedar`` is asked behind them,
    and ``opa`` last."""

    resource: ResourcePlan | None
    scopes: frozenset[str] = frozenset()
    claims: tuple[tuple[str, frozenset[str]], ...] = ()
    opa: OpaPlan | None = field(default=None, hash=False)
    cedar: CedarPlan | None = field(default=None, hash=False)

    @property
    def kind(self) -> str:
        return KIND

    def bind(self, tools: Tools) -> Filter:
        step: Callable[[Exchange], Refusal | None] | None = (
            Authorize(self, tools.seconds, tools.keep(_Memory, _Memory)) if self._asks else None
        )
        if self.cedar is not None:
            step = Cedar(self.cedar, step)
        if self.opa is not None:
            return Opa(self.opa, tools, step)
        assert step is not None
        return step

    @property
    def _asks(self) -> bool:
        """Whether anything is asked beside policies."""
        return bool(self.resource or self.scopes or self.claims) or not (self.cedar or self.opa)

    def asking(self) -> str:
        """What it asks others, for people who run the gateway."""
        return "" if self.opa is None else self.opa.asking()

    @property
    def hidden(self) -> object:
        hidden = (self.opa and self.opa.path, self.cedar and self.cedar.policies)
        return hidden if any(hidden) else None

    def describe(self) -> dict[str, Any]:
        said: dict[str, Any] = self.resource.describe() if self.resource else {"resource": None}
        if self.scopes:
            said["scopes"] = sorted(self.scopes)
        if self.claims:
            said["claims"] = {name: sorted(values) for name, values in self.claims}
        if self.cedar is not None:
            said["cedar"] = self.cedar.describe()
        if self.opa is not None:
            said["opa"] = self.opa.describe()
        return said

    def why(self, exchange: Exchange, seconds: float) -> str:
        """What decides over ``exchange``, for people who run the gateway."""
        if self.cedar is None or (self._asks and Authorize(self, lambda: seconds)(exchange) is not None):
            return self._why(exchange, seconds)
        return Cedar(self.cedar, None).why(exchange)

    def _why(self, exchange: Exchange, seconds: float) -> str:
        identity, head = exchange.identity, exchange.head
        if identity is None or head is None:
            return "nobody was authenticated"
        if not self.scopes <= identity.scopes:
            missing = ", ".join(sorted(self.scopes - identity.scopes))
            return f"the credential has not the scope {missing}"
        if not _holds(self.claims, identity):
            return f"the token has not the claims {', '.join(name for name, _ in self.claims)} as they are asked for"
        if self.resource is None:
            return "scopes and claims are there, and no grant is asked for"
        what = self.resource.action(head.method) + " on " + b"/".join(self.resource.of(head.path)).decode("ascii")
        if identity.record is None:
            return f"accounts does not know client {identity.client}, so it has no grant for {what}"
        decision = _asked(Grants(identity.record.grants), self.resource, head.path, head.method, seconds)
        if decision.grant is None:
            return f"client {identity.client} has no grant for {what}"
        said = f"{decision.grant.effect} {', '.join(decision.grant.actions)} on {decision.grant.resource}"
        return f"its grant '{said}' decides over {what}"


class _Remembered(Struct, frozen=True, eq=False):
    """A decision by grants: the answer, None to go on, and what is forced on the query."""

    verdict: Refusal | None
    query: dict[str, str] | None
    until: float


_ALLOWED: Final = _Remembered(None, None, NEVER)  # as most are
_Question: TypeAlias = "tuple[Authorize, bytes, bytes]"


class _Compiled:
    """A client's grants, compiled, and what they decided; it dies with the record that it was made of."""

    __slots__ = ("grants", "remembered")

    def __init__(self, record: ClientRecord) -> None:
        self.grants = Grants(record.grants)
        self.remembered: dict[_Question, _Remembered] = {}


class _Memory:
    """What is remembered of all clients together; when it is full, all of it is forgotten."""

    __slots__ = ("_bytes", "_held")

    def __init__(self) -> None:
        self._bytes = 0  # remembered since it was empty
        self._held: list[dict[_Question, _Remembered]] = []

    def put(self, remembered: dict[_Question, _Remembered], key: _Question, found: _Remembered) -> None:
        size = _DECISION_BYTES + len(key[2])
        if self._bytes + size > _MAX_BYTES:
            for each in self._held:
                each.clear()
            self._held.clear()
            self._bytes = 0
        elif len(remembered) >= _MAX_REMEMBERED:
            remembered.clear()  # so that nobody can fill it for good
        if not remembered:
            self._held.append(remembered)
        self._bytes += size
        remembered[key] = found


class Authorize:
    """The step itself. ``seconds`` tells the time, since 1970."""

    __slots__ = ("_memory", "_plan", "_seconds")

    def __init__(self, plan: AuthorizePlan, seconds: Callable[[], float], memory: _Memory | None = None) -> None:
        self._plan = plan
        self._seconds = seconds
        self._memory = memory or _Memory()

    def __call__(self, exchange: Exchange, /) -> Refusal | None:
        identity = exchange.identity
        if identity is None:
            return _ANONYMOUS
        plan = self._plan
        if plan.scopes and not plan.scopes <= identity.scopes:
            return _NO_SCOPE
        if plan.claims and not _holds(plan.claims, identity):
            return _NO_CLAIM
        if plan.resource is None:
            return None
        record: ClientRecord | None = identity.record
        if record is None:
            return _NO_GRANT
        compiled = record.compiled
        if not isinstance(compiled, _Compiled):
            compiled = record.compiled = _Compiled(record)
        head = exchange.head
        assert head is not None, "filters are for requests that have a route"
        key = (self, head.method, head.path)  # not the plan, which is hashed anew each time
        found = compiled.remembered.get(key)
        if found is None or (found.until != NEVER and found.until <= self._seconds()):
            found = self._decide(compiled, key)
        if found.query is not None:
            exchange.query = forced(head.query if exchange.query is None else exchange.query, found.query)
        return found.verdict

    def _decide(self, compiled: _Compiled, key: _Question) -> _Remembered:
        resource = self._plan.resource
        assert resource is not None
        _, method, path = key
        decision = _asked(compiled.grants, resource, path, method, self._seconds())
        if not decision.is_allowed:
            found = _Remembered(_NO_GRANT if decision.grant is None else _DENIED, None, decision.until)
        else:
            query = dict(decision.grant.query) if decision.grant is not None else {}
            found = _Remembered(None, query or None, decision.until) if query or decision.until != NEVER else _ALLOWED
        self._memory.put(compiled.remembered, key, found)
        return found


def _asked(grants: Grants, resource: ResourcePlan, path: bytes, method: bytes, now: float) -> Decision:
    """What ``grants`` say, which must be the same to services that strip ``;parameters`` from paths: else a denial of
    ``cars/7`` would be walked round with ``cars/7;x``."""
    action = resource.action(method)
    decision = grants.decide(resource.of(path), action, now)
    stripped = without_parameters(path)
    if stripped == path:
        return decision
    other = grants.decide(resource.of(stripped), action, now)
    if other.grant is decision.grant:
        return decision
    return Decision(False, None, min(decision.until, other.until)) if other.is_allowed else other


def _holds(wanted: tuple[tuple[str, frozenset[str]], ...], identity: Identity) -> bool:
    for name, values in wanted:
        claim = identity.claims.get(name)
        said = claim if isinstance(claim, list | tuple) else (claim,)
        if not any(str(each) in values for each in said if each is not None):
            return False
    return True
