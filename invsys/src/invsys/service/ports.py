"""What the use cases need from outside: a clock and a store that runs work in transactions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.domain.resource import Resource, ResourceStatus
from servicekit.core.idempotency import IdempotencyRows
from servicekit.core.values import NOWHERE, Origin, Position

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ResourceQuery:
    """Which resources, in which order. Empty `statuses` means all that are not decommissioned.

    `free` keeps the active ones with room for `quantity` all through the interval.
    """

    kind: str
    limit: int
    statuses: tuple[ResourceStatus, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    name_prefix: str = ""
    free: Interval | None = None
    quantity: int = 1
    by_name: bool = False
    descending: bool = False
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class AllocationQuery:
    """Which allocations of a resource, in which order. Empty `statuses` means the live ones."""

    resource_id: str
    limit: int
    statuses: tuple[AllocationStatus, ...] = ()
    allocation_type: str | None = None
    window: Interval | None = None
    by_start: bool = False
    descending: bool = False
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """From the instant `at` on, `level` of the resource is taken, until the next step."""

    at: int
    level: int


class KindRows(Protocol):
    """The kinds of one transaction."""

    def all(self) -> Sequence[Kind]: ...

    def put(self, kind: Kind) -> None:
        """Add the kind, or replace the one with its code."""
        ...

    def in_use(self, code: str) -> bool: ...


class ResourceRows(Protocol):
    """The resources of one transaction. Decommissioned ones are found by `page` only."""

    def add(self, resource: Resource) -> bool:
        """Store a new resource; False when the name is taken within its kind."""
        ...

    def add_many(self, resources: Sequence[Resource]) -> bool:
        """Store new resources in one go; False, and none is stored, when any name is taken."""
        ...

    def count(self, kind: str) -> int:
        """How many there are."""
        ...

    def by_names(self, kind: str, names: Iterable[str]) -> dict[str, Resource]:
        """Those of `names` that there are."""
        ...

    def taken(self, kind: str, names: Iterable[str]) -> set[str]:
        """Those of `names` that are in use."""
        ...

    def get(self, kind: str, ident: str) -> Resource | None: ...

    def claim(self, kind: str, ident: str) -> Resource | None:
        """Write the resource's own row, and so hold it until the transaction ends: the first act of every change.

        Two writers of one resource queue here, on every engine; what is read afterwards is what the other left.
        """
        ...

    def save(self, resource: Resource) -> bool:
        """Replace a claimed resource; False when its new name is taken."""
        ...

    def page(self, query: ResourceQuery) -> Sequence[Resource]: ...


class AllocationRows(Protocol):
    """The allocations of one transaction."""

    def add(self, allocation: Allocation) -> None: ...

    def add_many(self, allocations: Sequence[Allocation]) -> None:
        """Store allocations in one go."""
        ...

    def get(self, resource_id: str, ident: str) -> Allocation | None: ...

    def save(self, allocation: Allocation) -> None: ...

    def covering(self, resource_id: str, instant: int, but: str = "") -> Allocation | None:
        """A live allocation other than `but` that takes room at `instant`; the one that began last."""
        ...

    def live_until_after(self, resource_id: str, instant: int, limit: int) -> Sequence[Allocation]:
        """Live allocations that end after `instant`."""
        ...

    def due(self, resource_id: str | None, now: int, limit: int) -> Sequence[Allocation]:
        """Holds whose expiry has come, of one resource or of any."""
        ...

    def page(self, query: AllocationQuery) -> Sequence[Allocation]: ...

    def set_exclusive(self, resource_id: str, exclusive: bool) -> None:
        """Tell the engine's own constraint whether the resource takes one allocation at a time."""
        ...


class OccupancyRows(Protocol):
    """How much of each resource is taken when: a step function per resource, kept beside the allocations.

    It answers "is there room all through this interval" in O(log n + steps inside the interval), whatever the
    capacity, and however many allocations lie before or after.
    """

    def first_above(self, resource_id: str, interval: Interval, level: int) -> int | None:
        """The first instant of `interval` at which more than `level` is taken."""
        ...

    def add(self, resource_id: str, interval: Interval, quantity: int) -> None:
        """Take `quantity` during the interval; give it back when negative."""
        ...

    def replace(self, spans: Mapping[str, Interval], steps: Sequence[tuple[str, Step]]) -> None:
        """Put the steps where now those inside each resource's span are; the levels must go on at its end."""
        ...

    def steps(self, resource_id: str, interval: Interval, limit: int) -> Sequence[Step]:
        """The first `limit` steps inside `interval`; the one that holds at its start begins there."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history. `before` is None for what was made."""

    seq: int
    at: int
    topic: str
    kind: str
    resource_id: str
    allocation_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any]
    request_id: str
    actor: str


@dataclass(frozen=True, slots=True)
class ChangeQuery:
    """Which changes: after a number, of one resource or kind where given."""

    after: int
    limit: int
    resource_id: str | None = None
    kind: str | None = None


class Changes(Protocol):
    """The history. What a transaction records is numbered without gap, in the order of commits, when it ends."""

    def record(
        self, topic: str, subject: Resource | Allocation, before: dict[str, Any] | None, after: dict[str, Any]
    ) -> None: ...

    def last(self) -> int:
        """The number of the last change there is."""
        ...

    def page(self, query: ChangeQuery) -> Sequence[Change]: ...


class Transaction(Protocol):
    """One transaction: everything in it happens, or nothing does."""

    @property
    def kinds(self) -> KindRows: ...

    @property
    def resources(self) -> ResourceRows: ...

    @property
    def allocations(self) -> AllocationRows: ...

    @property
    def occupancy(self) -> OccupancyRows: ...

    @property
    def changes(self) -> Changes: ...

    @property
    def idempotency(self) -> IdempotencyRows: ...

    def secret(self, name: str) -> bytes:
        """A random value that every process on this database shares."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it raises; the rest of the transaction stays."""
        ...


class Store(Protocol):
    """Runs work in transactions. Work may run more than once (after a deadlock), so it must have no other effects.

    Raises `StoreUnavailableError` when the database cannot answer.
    """

    def read(self, work: Callable[[Transaction], T]) -> T: ...

    def write(self, work: Callable[[Transaction], T], origin: Origin = NOWHERE) -> T:
        """Commits when `work` returns, rolls back when it raises."""
        ...
