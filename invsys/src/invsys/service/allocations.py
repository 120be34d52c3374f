"""Use cases on allocations. Every change claims the resource first, so the check below it cannot be outrun."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.errors import AllocationConflictError, NotFoundError
from invsys.domain.ids import is_id, new_id
from invsys.domain.interval import Interval
from invsys.service import resources
from invsys.service.ports import Transaction


@dataclass(frozen=True, slots=True)
class AllocationDraft:
    """What a caller asks for."""

    interval: Interval
    allocation_type: str
    description: str | None = None
    dump: Any = None


def create(tx: Transaction, kind: str, resource_id: str, draft: AllocationDraft, now: int) -> Allocation:
    """Take the resource for the interval. Raises NotFoundError and AllocationConflictError."""
    resource = resources.claim(tx, kind, resource_id)
    existing = tx.allocations.live_overlap(resource.id, draft.interval)
    if existing is not None:
        raise AllocationConflictError(existing)
    allocation = Allocation(
        id=new_id(now),
        resource_id=resource.id,
        resource_kind=resource.kind,
        interval=draft.interval,
        allocation_type=draft.allocation_type,
        status=AllocationStatus.CONFIRMED,
        description=draft.description,
        dump=draft.dump,
        created=now,
        version=1,
    )
    tx.allocations.add(allocation)
    return allocation


def find(tx: Transaction, kind: str, resource_id: str, ident: str) -> Allocation:
    """Read a live allocation of this very resource. Raises NotFoundError."""
    resource = resources.find(tx, kind, resource_id)
    return _live(tx, resource.id, ident)


def page(tx: Transaction, kind: str, resource_id: str, after: str, limit: int) -> Sequence[Allocation]:
    """Live allocations of a resource in the order of their creation. Raises NotFoundError."""
    resource = resources.find(tx, kind, resource_id)
    return tx.allocations.page(resource.id, after, limit)


def cancel(tx: Transaction, kind: str, resource_id: str, ident: str) -> None:
    """Give the interval back. Raises NotFoundError, for one that was cancelled before too."""
    resource = resources.claim(tx, kind, resource_id)
    before = _live(tx, resource.id, ident)
    tx.allocations.save(replace(before, status=AllocationStatus.CANCELLED, version=before.version + 1))


def _live(tx: Transaction, resource_id: str, ident: str) -> Allocation:
    found = tx.allocations.get(resource_id, ident) if is_id(ident) else None
    if found is None or found.status is AllocationStatus.CANCELLED:
        raise NotFoundError("allocation", ident)
    return found
