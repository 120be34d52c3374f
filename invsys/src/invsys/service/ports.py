"""What the use cases need from outside: a clock and a store that runs work in transactions."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from invsys.domain.allocation import Allocation
from invsys.domain.interval import Interval
from invsys.domain.resource import Resource

T = TypeVar("T")
Clock = Callable[[], int]
"""Microseconds since 1970, UTC."""


class ResourceRows(Protocol):
    """The resources of one transaction. Decommissioned ones are not found by `get` and `claim`."""

    def add(self, resource: Resource) -> bool:
        """Store a new resource; False when the name is taken within its kind."""
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

    def page(self, kind: str, after: str, limit: int) -> Sequence[Resource]:
        """Up to `limit` resources that are not decommissioned, by id, with ids greater than `after`."""
        ...


class AllocationRows(Protocol):
    """The allocations of one transaction."""

    def add(self, allocation: Allocation) -> None: ...

    def get(self, resource_id: str, ident: str) -> Allocation | None: ...

    def save(self, allocation: Allocation) -> None: ...

    def live_overlap(self, resource_id: str, interval: Interval) -> Allocation | None:
        """A live allocation of the resource that shares an instant with `interval`. O(log n)."""
        ...

    def page(self, resource_id: str, after: str, limit: int) -> Sequence[Allocation]:
        """Up to `limit` live allocations, by id, with ids greater than `after`."""
        ...


class Transaction(Protocol):
    """One transaction: everything in it happens, or nothing does."""

    @property
    def resources(self) -> ResourceRows: ...

    @property
    def allocations(self) -> AllocationRows: ...


class Store(Protocol):
    """Runs work in transactions. Work may run more than once (after a deadlock), so it must have no other effects.

    Raises `StoreUnavailableError` when the database cannot answer.
    """

    def read(self, work: Callable[[Transaction], T]) -> T: ...

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Commits when `work` returns, rolls back when it raises."""
        ...
