"""Use cases on allocations. Every change claims the resource first, so the check below it cannot be outrun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from invsys.domain.allocation import MAINTENANCE, Allocation, AllocationStatus
from invsys.domain.errors import (
    AllocationConflictError,
    BatchItemError,
    InvalidValueError,
    InventoryError,
    NotFoundError,
    StateConflictError,
)
from invsys.domain.ids import is_id, new_id
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.domain.resource import Resource, ResourceStatus
from invsys.service import holds, resources
from invsys.service.ports import AllocationQuery, Transaction
from invsys.service.snapshots import allocation_snapshot
from servicekit.core.merge import is_same
from servicekit.core.values import Expected

SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class AllocationDraft:
    """What a caller asks for. With `hold_seconds` it is a hold that lapses unless confirmed within them."""

    interval: Interval
    allocation_type: str
    quantity: int = 1
    hold_seconds: int | None = None
    description: str | None = None
    dump: Any = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where an allocation is: kind, resource, and its own id."""

    kind: Kind
    resource_id: str
    ident: str


def create(tx: Transaction, kind: Kind, resource_id: str, draft: AllocationDraft, now: int) -> Allocation:
    """Take the resource for the interval.

    Raises NotFoundError, InvalidValueError (off the grid, more than the capacity), StateConflictError and
    AllocationConflictError.
    """
    return create_claimed(tx, kind, resources.claim(tx, kind.code, resource_id, now), draft, now)


def create_batch(
    tx: Transaction, kind: Kind, items: Sequence[tuple[str, AllocationDraft]], atomic: bool, now: int
) -> list[Allocation | InventoryError]:
    """Take several resources, each item seeing what the ones before it took.

    Atomic: all or none, BatchItemError naming the first item refused. Otherwise each has its own outcome, in order.
    """
    # Claimed in one order by every batch, each resource once, so that two batches never wait for each other.
    claimed: dict[str, Resource | NotFoundError] = {}
    for ident in sorted({ident for ident, _ in items}):
        try:
            claimed[ident] = resources.claim(tx, kind.code, ident, now)
        except NotFoundError as error:
            claimed[ident] = error
    outcomes: list[Allocation | InventoryError] = []
    for index, (ident, draft) in enumerate(items):
        resource = claimed[ident]
        try:
            if isinstance(resource, NotFoundError):
                raise resource
            outcomes.append(create_claimed(tx, kind, resource, draft, now))
        except InventoryError as error:
            if atomic:
                raise BatchItemError(index, error) from error
            outcomes.append(error)
    return outcomes


def find(tx: Transaction, where: Address, now: int) -> Allocation:
    """Read an allocation of this very resource that was not cancelled. Raises NotFoundError.

    A hold whose time has come is shown as expired, even where nobody has settled it yet.
    """
    resource = resources.find(tx, where.kind.code, where.resource_id)
    found = _present(tx, resource.id, where.ident)
    if found.hold_expires is not None and found.status is AllocationStatus.HELD and found.hold_expires <= now:
        return holds.lapsed(found)
    return found


def page(tx: Transaction, kind: Kind, query: AllocationQuery) -> Sequence[Allocation]:
    """The allocations that a query asks for. Raises NotFoundError when its resource is none of the kind."""
    resources.find(tx, kind.code, query.resource_id)
    return tx.allocations.page(query)


def change(tx: Transaction, where: Address, patch: Mapping[str, Any], expected: Expected, now: int) -> Allocation:
    """Move, extend or describe a live allocation: `patch` has any of interval (a function of the one there
    is), quantity, allocation_type, hold_seconds, description and dump. Checked like a new one, never against itself.

    Raises what `create` raises, and StaleVersionError.
    """
    resource, before = _claim(tx, where, expected, now)
    fields = dict(patch)
    if "interval" in fields:
        fields["interval"] = fields["interval"](before.interval)
    seconds = fields.pop("hold_seconds", None)
    if seconds is not None:
        if before.status is not AllocationStatus.HELD:
            raise StateConflictError("not_held", f"the allocation is {before.status}, not held: it has no expiry")
        fields["hold_expires"] = now + seconds * SECOND_US
    after = replace(before, **fields)
    if is_same(allocation_snapshot(after), allocation_snapshot(before)):
        return before
    if (after.interval, after.quantity, after.allocation_type) != (
        before.interval,
        before.quantity,
        before.allocation_type,
    ):
        tx.occupancy.add(resource.id, before.interval, -before.quantity)
        _check(tx, where.kind, resource, after)
        tx.occupancy.add(resource.id, after.interval, after.quantity)
    return _save(tx, "allocation.changed", before, after)


def confirm(tx: Transaction, where: Address, expected: Expected, now: int) -> Allocation:
    """Make a hold final; one that is confirmed stays so. Raises what `cancel` raises."""
    _, before = _claim(tx, where, expected, now)
    if before.status is AllocationStatus.CONFIRMED:
        return before
    return _save(
        tx, "allocation.confirmed", before, replace(before, status=AllocationStatus.CONFIRMED, hold_expires=None)
    )


def cancel(tx: Transaction, where: Address, expected: Expected, now: int) -> Allocation:
    """Give the interval back. Raises NotFoundError (also when cancelled before), StaleVersionError and
    StateConflictError (a hold that lapsed has nothing to give back)."""
    _, before = _claim(tx, where, expected, now)
    return resources.cancel(tx, before)


def create_claimed(tx: Transaction, kind: Kind, resource: Resource, draft: AllocationDraft, now: int) -> Allocation:
    """Take a claimed resource for the interval. Raises what `create` raises, before it writes anything."""
    held = draft.hold_seconds is not None
    allocation = Allocation(
        id=new_id(now),
        resource_id=resource.id,
        resource_kind=resource.kind,
        interval=draft.interval,
        quantity=draft.quantity,
        allocation_type=draft.allocation_type,
        status=AllocationStatus.HELD if held else AllocationStatus.CONFIRMED,
        hold_expires=now + draft.hold_seconds * SECOND_US if draft.hold_seconds is not None else None,
        description=draft.description,
        dump=draft.dump,
        created=now,
    )
    _check(tx, kind, resource, allocation)
    tx.occupancy.add(resource.id, allocation.interval, allocation.quantity)
    tx.allocations.add(allocation)
    topic = "allocation.held" if held else "allocation.created"
    tx.changes.record(topic, allocation, None, allocation_snapshot(allocation))
    return allocation


def _check(tx: Transaction, kind: Kind, resource: Resource, wanted: Allocation) -> None:
    """Whether there is room for `wanted` on a claimed resource; nothing is written."""
    kind.check_grid(wanted.interval)
    if wanted.quantity > resource.capacity:
        detail = f"is more than the {resource.capacity} there are"
        raise InvalidValueError("quantity", "above_capacity", detail)
    if resource.status is not ResourceStatus.ACTIVE and wanted.allocation_type != MAINTENANCE:
        detail = f"the resource is in {resource.status}: it takes only allocations of type {MAINTENANCE}"
        raise StateConflictError("resource_not_active", detail)
    instant = tx.occupancy.first_above(resource.id, wanted.interval, resource.capacity - wanted.quantity)
    if instant is not None:
        existing = tx.allocations.covering(resource.id, instant, but=wanted.id)
        assert existing is not None, "occupancy says taken, so an allocation covers the instant"
        raise AllocationConflictError(existing)


def _claim(tx: Transaction, where: Address, expected: Expected, now: int) -> tuple[Resource, Allocation]:
    resource = resources.claim(tx, where.kind.code, where.resource_id, now)
    allocation = _present(tx, resource.id, where.ident)
    expected.check(allocation.version)
    if not allocation.status.is_live:
        raise StateConflictError("hold_expired", "the hold lapsed before it was confirmed: allocate anew")
    return resource, allocation


def _present(tx: Transaction, resource_id: str, ident: str) -> Allocation:
    found = tx.allocations.get(resource_id, ident) if is_id(ident) else None
    if found is None or found.status is AllocationStatus.CANCELLED:
        raise NotFoundError("allocation", ident)
    return found


def _save(tx: Transaction, topic: str, before: Allocation, after: Allocation) -> Allocation:
    after = replace(after, version=before.version + 1)
    tx.allocations.save(after)
    tx.changes.record(topic, after, allocation_snapshot(before), allocation_snapshot(after))
    return after
