"""Holds that lapsed. A hold is over at its expiry, whether or not anybody noticed.

Whoever is about to decide settles first: a change settles the holds of the resource it claimed, a search settles all
that are due. So the tables tell the truth to every query and every constraint, and the sweeper only tidies up.
"""

from dataclasses import replace
from functools import partial

from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.service.ports import Store, Transaction
from invsys.service.snapshots import allocation_snapshot
from servicekit.core.values import Clock

BATCH = 200
"""Holds read at once."""


def settle(tx: Transaction, resource_id: str, now: int) -> int:
    """Expire the due holds of a claimed resource, and tell how many there were."""
    count = 0
    while due := tx.allocations.due(resource_id, now, BATCH):
        for hold in due:
            expire(tx, hold)
        count += len(due)
    return count


def expire(tx: Transaction, hold: Allocation) -> None:
    """Give back what a hold of a claimed resource took."""
    after = lapsed(hold)
    tx.allocations.save(after)
    tx.occupancy.add(hold.resource_id, hold.interval, -hold.quantity)
    tx.changes.record("allocation.expired", after, allocation_snapshot(hold), allocation_snapshot(after))


def lapsed(hold: Allocation) -> Allocation:
    """What becomes of a hold at its expiry."""
    return replace(hold, status=AllocationStatus.EXPIRED, version=hold.version + 1)


def settle_all(store: Store, clock: Clock) -> int:
    """Expire every due hold, and tell how many there were. Costs one index look-up when there is none."""
    count = 0
    while due := store.read(lambda tx: tx.allocations.due(None, clock(), BATCH)):
        owners = sorted({(hold.resource_kind, hold.resource_id) for hold in due})
        settled = sum(store.write(partial(_settle_one, kind=kind, ident=ident, now=clock())) for kind, ident in owners)
        if not settled:
            break  # others settled them between our look and our turn
        count += settled
    return count


def _settle_one(tx: Transaction, kind: str, ident: str, now: int) -> int:
    return 0 if tx.resources.claim(kind, ident) is None else settle(tx, ident, now)
