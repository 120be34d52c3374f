"""``authorize: {cedar: ...}``: policies in Cedar decide, in process, where cedarpy is installed.

The principal is ``Client::"ID"``, or ``Anonymous::"anonymous"``; the action ``Action::"read"`` and the resource
``Resource::"inventory/cars/7"`` are those that grants would be asked about, and a resource is in each that its first
segments make. The rest of the request is the context.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from moongate.core.errors import CREDENTIALS_MISSING, FORBIDDEN
from moongate.filters.policy_input import policy_input
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.core.exchange import Exchange
    from moongate.filters.resource import ResourcePlan

    Own: TypeAlias = Callable[[Exchange], Refusal | None]

_DENIED: Final = Refusal(FORBIDDEN, "cedar_denied")
_ERROR: Final = Refusal(FORBIDDEN, "cedar_error")
_DENIED_ANONYMOUS: Final = Refusal(CREDENTIALS_MISSING, "cedar_denied", ((b"WWW-Authenticate", b"Bearer"),))
_LONG: Final = 1 << 63  # Cedar's numbers are of 64 bits
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class CedarPlan:
    """``policies`` in Cedar's own words, ``count`` of them; they see the request's fields ``headers`` (in lower case)
    and the route's ``resource``, if it has one."""

    policies: str = field(repr=False)
    count: int
    headers: tuple[str, ...] = ()
    resource: ResourcePlan | None = None

    def describe(self) -> dict[str, Any]:
        said: dict[str, Any] = {"policies": self.count}
        return {**said, "headers": list(self.headers)} if self.headers else said


class Cedar:
    """The step itself, behind what ``authorize`` asks without it: ``own``, if anything."""

    __slots__ = ("_headers", "_own", "_policies", "_resource")

    def __init__(self, plan: CedarPlan, own: Own | None) -> None:
        """Raises ValueError where cedarpy is not there, or can not read the policies."""
        self._policies = read_policies(plan.policies)
        self._headers = frozenset(plan.headers)
        self._resource = plan.resource
        self._own = own

    def __call__(self, exchange: Exchange, /) -> Refusal | None:
        refused = None if self._own is None else self._own(exchange)
        return refused or self._decide(exchange)[0]

    def why(self, exchange: Exchange) -> str:
        """What decides over ``exchange``, for people who run the gateway."""
        refused, reasons, errors = self._decide(exchange)
        if errors:
            return f"a policy can not be evaluated, and so nothing is permitted: {errors[0]}"
        if not reasons:
            return "no policy permits it"
        policies = self._policies.to_pst().static_policies
        named = ", ".join(policies[each].annotations.get("id") or each for each in sorted(reasons))
        return f"{named} {'forbids' if refused else 'permits'} it"

    def _decide(self, exchange: Exchange) -> tuple[Refusal | None, list[str], list[str]]:
        """The verdict, which policies made it, and which could not be evaluated."""
        import cedarpy

        said = policy_input(exchange, self._resource, self._headers)
        client, resource = said.pop("client"), said.pop("resource") or ""
        request = {
            "principal": _uid("Anonymous", "anonymous") if client is None else _uid("Client", client),
            "action": _uid("Action", said.pop("action")),
            "resource": _uid("Resource", resource),
            "context": expressible(said),
        }
        result = cedarpy.is_authorized(request, self._policies, _ancestry(resource))
        reasons, errors = result.diagnostics.reasons, result.diagnostics.errors
        if errors:
            # Cedar passes over a policy that fails, also over one that would have forbidden it.
            return _ERROR, reasons, errors
        if result.allowed:
            return None, reasons, errors
        return _DENIED_ANONYMOUS if client is None else _DENIED, reasons, errors


def read_policies(text: str) -> Any:
    """A cedarpy.PolicySet. Raises ValueError."""
    try:
        from cedarpy import PolicySet
    except ImportError:
        raise ValueError("cedar needs a library that is not here: pip install cedarpy (the extra `cedar`)") from None
    try:
        return PolicySet.from_str(text)
    except ValueError as error:
        raise ValueError(f"cedar: `policies` can not be read: {error}") from None


def expressible(value: Any) -> Any:
    """``value`` without what Cedar has no words for: null, fractions, numbers beyond 64 bits, and names that it would
    take for an entity's or an extension's, which a token must not be able to claim."""
    if isinstance(value, dict):
        kept = {name: expressible(each) for name, each in value.items() if not name.startswith("__")}
        return {name: each for name, each in kept.items() if each is not _NOTHING}
    if isinstance(value, list | tuple):
        return [said for each in value if (said := expressible(each)) is not _NOTHING]
    if isinstance(value, bool | str) or (isinstance(value, int) and -_LONG <= value < _LONG):
        return value
    return _NOTHING


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def _ancestry(resource: str) -> list[dict[str, Any]]:
    """``inventory/cars/7`` is in ``inventory/cars``, and that in ``inventory``."""
    entities: list[dict[str, Any]] = []
    while resource:
        above = resource.rpartition("/")[0]
        parents = [_uid("Resource", above)] if above else []
        entities.append({"uid": _uid("Resource", resource), "attrs": {}, "parents": parents})
        resource = above
    return entities
