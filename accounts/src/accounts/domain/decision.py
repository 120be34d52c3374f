"""Who may do what: pure, and the same answer everywhere.

A request is allowed where a live grant allows it and none denies it; deny wins; nothing said is denied. Of several
grants that allow, one that forces no query wins, else the first: own grants come first, then those of the roles in
their order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.domain.client import Client, ClientStatus
from accounts.domain.grant import Effect, Grant, check_pattern
from accounts.domain.role import Role


class Reason(StrEnum):
    """Why a decision fell as it did."""

    GRANTED = "granted"
    DENIED = "denied"
    NOTHING_GRANTED = "nothing_granted"
    CLIENT_NOT_ACTIVE = "client_not_active"


@dataclass(frozen=True, slots=True)
class Held:
    """A grant and where it comes from: `role` is None for a client's own."""

    grant: Grant
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`by` is the grant that decided, where one did."""

    reason: Reason
    by: Held | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether the request may pass."""
        return self.reason is Reason.GRANTED


def held_grants(own: Sequence[Grant], roles: Sequence[Role]) -> list[Held]:
    """What a client holds, in the order that counts."""
    held = [Held(grant) for grant in in_order(own)]
    return held + [Held(grant, role.name) for role in roles for grant in in_order(role.grants)]


def in_order(given: Iterable[Grant]) -> list[Grant]:
    """Grants of one holder as they are tried, here and by gateways.

    Those that force a query come first and as they were given, for the first of them wins. The others decide the same
    in any order: sorted, they repeat each other, and what gateways are told is smaller by a twentieth.
    """
    return sorted(given, key=lambda grant: () if grant.query else (grant.resource, grant.actions))


def decide(held: Sequence[Held], resource: str, action: str, now: int) -> Decision:
    """Whether who holds these grants may do `action` to `resource` at the instant `now`, in microseconds."""
    segments = tuple(resource.split("/"))
    allowing: Held | None = None
    for one in held:
        if not one.grant.is_live(now) or not one.grant.covers(segments, action):
            continue
        if one.grant.effect is Effect.DENY:
            return Decision(Reason.DENIED, one)
        if allowing is None or (allowing.grant.query and not one.grant.query):
            allowing = one
    return Decision(Reason.NOTHING_GRANTED) if allowing is None else Decision(Reason.GRANTED, allowing)


def decide_for(client: Client, held: Sequence[Held], resource: str, action: str, now: int) -> Decision:
    """As `decide`, for a client that has to be active."""
    if client.status is not ClientStatus.ACTIVE:
        return Decision(Reason.CLIENT_NOT_ACTIVE)
    return decide(held, resource, action, now)


def check_resource(resource: str) -> None:
    """Raises InvalidValueError for what names no resource. A `*` in it would be a literal, and mean nobody's."""
    check_pattern(resource)
