"""Allocations in SQL."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from invsys.adapters.tables import allocations
from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.interval import Interval

# A literal, not a parameter: SQLite takes a partial index only where it can see its condition in the statement.
_LIVE = text("status = 'confirmed'")


class SqlAllocationRows:
    """The port `AllocationRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, allocation: Allocation) -> None:
        self._connection.execute(allocations.insert().values(id=allocation.id, **_values(allocation)))

    def get(self, resource_id: str, ident: str) -> Allocation | None:
        query = select(allocations).where(allocations.c.id == ident, allocations.c.resource_id == resource_id)
        row = self._connection.execute(query).first()
        return None if row is None else _allocation(row)

    def save(self, allocation: Allocation) -> None:
        self._connection.execute(
            update(allocations).where(allocations.c.id == allocation.id).values(_values(allocation))
        )

    def live_overlap(self, resource_id: str, interval: Interval) -> Allocation | None:
        # Live allocations never overlap each other, so their ends are ordered as their starts are: of all that begin
        # before our end, the last to begin is the last to end, and if it ends in time no other can be in the way.
        query = (
            select(allocations)
            .where(allocations.c.resource_id == resource_id, _LIVE, allocations.c.start_us < interval.end)
            .order_by(allocations.c.start_us.desc())
            .limit(1)
        )
        row = self._connection.execute(query).first()
        return None if row is None or row.end_us <= interval.start else _allocation(row)

    def page(self, resource_id: str, after: str, limit: int) -> Sequence[Allocation]:
        query = (
            select(allocations)
            .where(allocations.c.resource_id == resource_id, _LIVE, allocations.c.id > after)
            .order_by(allocations.c.id)
            .limit(limit)
        )
        return [_allocation(row) for row in self._connection.execute(query)]


def _values(allocation: Allocation) -> dict[str, Any]:
    return {
        "resource_id": allocation.resource_id,
        "kind": allocation.resource_kind,
        "start_us": allocation.interval.start,
        "end_us": allocation.interval.end,
        "allocation_type": allocation.allocation_type,
        "status": allocation.status.value,
        "description": allocation.description,
        "dump": json.dumps(allocation.dump, ensure_ascii=False, separators=(",", ":")),
        "created_us": allocation.created,
        "version": allocation.version,
    }


def _allocation(row: Row[Any]) -> Allocation:
    return Allocation(
        id=row.id,
        resource_id=row.resource_id,
        resource_kind=row.kind,
        interval=Interval(row.start_us, row.end_us),
        allocation_type=row.allocation_type,
        status=AllocationStatus(row.status),
        description=row.description,
        dump=json.loads(row.dump),
        created=row.created_us,
        version=row.version,
    )
