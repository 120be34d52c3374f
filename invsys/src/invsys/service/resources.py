"""Use cases on resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.errors import AllocationConflictError, DuplicateNameError, InvalidValueError, NotFoundError
from invsys.domain.ids import is_id, new_id
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.domain.kind import Kind
from invsys.domain.resource import MAX_LABELS, Resource, ResourceStatus
from invsys.service import holds
from invsys.service.attributes import check_attributes
from invsys.service.ports import ResourceQuery, Transaction
from invsys.service.snapshots import allocation_snapshot, resource_snapshot
from servicekit.core.merge import is_same, merge
from servicekit.core.values import Expected

ALL_TIME = Interval(ALWAYS, NEVER)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ResourceDraft:
    """What a caller wants a new resource to be."""

    name: str
    status: ResourceStatus = ResourceStatus.ACTIVE
    capacity: int = 1
    attributes: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


def draft_resource(kind: Kind, draft: ResourceDraft, now: int) -> Resource:
    """The resource a draft makes. Raises InvalidValueError for attributes that the kind refuses."""
    check_attributes(kind, draft.attributes)
    return Resource(
        id=new_id(now),
        kind=kind.code,
        name=draft.name,
        created=now,
        status=draft.status,
        capacity=draft.capacity,
        attributes=draft.attributes,
        labels=draft.labels,
    )


def create(tx: Transaction, kind: Kind, draft: ResourceDraft, now: int) -> Resource:
    """Add a resource. Raises DuplicateNameError and InvalidValueError."""
    resource = draft_resource(kind, draft, now)
    if not tx.resources.add(resource):
        raise DuplicateNameError(kind.code, draft.name)
    tx.changes.record("resource.created", resource, None, resource_snapshot(resource))
    return resource


def find(tx: Transaction, kind: str, ident: str) -> Resource:
    """Read a resource; one of another kind is not found. Raises NotFoundError."""
    found = tx.resources.get(kind, ident) if is_id(ident) else None
    if found is None:
        raise NotFoundError("resource", ident)
    return found


def claim(tx: Transaction, kind: str, ident: str, now: int) -> Resource:
    """Read a resource in order to change it or its allocations. Raises NotFoundError.

    Its row is written first, so rivals queue; then its lapsed holds are settled, so they stand in nobody's way.
    """
    found = tx.resources.claim(kind, ident) if is_id(ident) else None
    if found is None:
        raise NotFoundError("resource", ident)
    holds.settle(tx, found.id, now)
    return found


def page(tx: Transaction, query: ResourceQuery) -> Sequence[Resource]:
    """The resources that a query asks for."""
    return tx.resources.page(query)


# rooms: allow parameters because a change is a transaction, an address, a wish, a condition and a moment
def change(tx: Transaction, kind: Kind, ident: str, patch: Mapping[str, Any], expected: Expected, now: int) -> Resource:
    """Apply a merge patch (RFC 7396) of name, status, capacity, attributes and labels.

    Raises NotFoundError, StaleVersionError, DuplicateNameError, InvalidValueError, and AllocationConflictError for a
    capacity below what is allocated at some instant.
    """
    before = claim(tx, kind.code, ident, now)
    expected.check(before.version)
    whole = {"attributes": before.attributes, "labels": before.labels}
    merged = {name: merge(whole[name], patch[name]) for name in whole if name in patch}
    after = replace(before, **{**patch, **merged})
    if is_same(resource_snapshot(after), resource_snapshot(before)):
        return before
    check_attributes(kind, after.attributes)
    if len(after.labels) > MAX_LABELS:  # each patch was small enough, but they add up
        raise InvalidValueError("labels", "too_many", f"must be at most {MAX_LABELS}")
    if after.capacity != before.capacity:
        _recapacitate(tx, before, after)
    after = replace(after, version=before.version + 1)
    if not tx.resources.save(after):
        raise DuplicateNameError(kind.code, after.name)
    tx.changes.record("resource.changed", after, resource_snapshot(before), resource_snapshot(after))
    return after


# rooms: allow parameters because a change is a transaction, an address, a wish, a condition and a moment
def decommission(
    tx: Transaction, kind: str, ident: str, cancel_allocations: bool, expected: Expected, now: int
) -> None:
    """Take a resource out of the inventory for good; its name becomes free.

    Raises NotFoundError, StaleVersionError, and AllocationConflictError when an allocation has not ended yet, unless
    `cancel_allocations`.
    """
    before = claim(tx, kind, ident, now)
    expected.check(before.version)
    while live := tx.allocations.live_until_after(before.id, now, _BATCH):
        if not cancel_allocations:
            detail = "an allocation has not ended: cancel it first, or ask with cancel_allocations=true"
            raise AllocationConflictError(live[0], "resource_in_use", detail)
        for allocation in live:
            cancel(tx, allocation)
    after = replace(before, status=ResourceStatus.DECOMMISSIONED, version=before.version + 1)
    tx.resources.save(after)
    tx.changes.record("resource.decommissioned", after, resource_snapshot(before), resource_snapshot(after))


def cancel(tx: Transaction, allocation: Allocation) -> Allocation:
    """Give back what a live allocation of a claimed resource took."""
    after = replace(allocation, status=AllocationStatus.CANCELLED, hold_expires=None, version=allocation.version + 1)
    tx.allocations.save(after)
    tx.occupancy.add(allocation.resource_id, allocation.interval, -allocation.quantity)
    tx.changes.record("allocation.cancelled", after, allocation_snapshot(allocation), allocation_snapshot(after))
    return after


def _recapacitate(tx: Transaction, before: Resource, after: Resource) -> None:
    instant = tx.occupancy.first_above(before.id, ALL_TIME, after.capacity)
    if instant is not None:
        existing = tx.allocations.covering(before.id, instant)
        assert existing is not None, "occupancy says taken, so an allocation covers the instant"
        detail = f"more than {after.capacity} are allocated at some instant"
        raise AllocationConflictError(existing, "capacity_in_use", detail)
    if (before.capacity == 1) != (after.capacity == 1):
        tx.allocations.set_exclusive(before.id, after.capacity == 1)
