"""Allocations in SQL."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, text, tuple_, update

from invsys.adapters.tables import HELD, LIVE, allocations, resources
from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.interval import Interval
from invsys.service.ports import AllocationQuery

_LIVE, _HELD = text(LIVE), text(HELD)


# Statements of the hot path are built once: SQLAlchemy takes longer to build one than SQLite to run it.
_CAPACITY = select(resources.c.capacity).where(resources.c.id == bindparam("of")).scalar_subquery()
_COLUMNS = {column.name: bindparam(column.name, type_=column.type) for column in allocations.c}
_ADD = allocations.insert().values({**_COLUMNS, "exclusive": _CAPACITY == 1})
_SAVE = (
    update(allocations)
    .where(allocations.c.id == bindparam("ident"))
    .values({name: bound for name, bound in _COLUMNS.items() if name not in ("id", "exclusive")})
)
_GET = select(allocations).where(
    allocations.c.id == bindparam("ident"), allocations.c.resource_id == bindparam("resource")
)
_DUE = (
    select(allocations)
    .where(_HELD, allocations.c.hold_expires_us <= bindparam("now"))
    .order_by(allocations.c.hold_expires_us)
    .limit(bindparam("limit"))
)
_DUE_OF = _DUE.where(allocations.c.resource_id == bindparam("resource"))


class SqlAllocationRows:
    """The port `AllocationRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, allocation: Allocation) -> None:
        self._connection.execute(_ADD, {"of": allocation.resource_id, "id": allocation.id, **_values(allocation)})

    def add_many(self, allocations_: Sequence[Allocation]) -> None:
        rows = [{"of": one.resource_id, "id": one.id, **_values(one)} for one in allocations_]
        if rows:
            self._connection.execute(_ADD, rows)

    def get(self, resource_id: str, ident: str) -> Allocation | None:
        row = self._connection.execute(_GET, {"ident": ident, "resource": resource_id}).first()
        return None if row is None else _allocation(row)

    def save(self, allocation: Allocation) -> None:
        self._connection.execute(_SAVE, {"ident": allocation.id, **_values(allocation)})

    def covering(self, resource_id: str, instant: int, but: str = "") -> Allocation | None:
        query = (
            select(allocations)
            .where(allocations.c.resource_id == resource_id, _LIVE)
            .where(allocations.c.start_us <= instant, allocations.c.end_us > instant, allocations.c.id != but)
            .order_by(allocations.c.start_us.desc())
            .limit(1)
        )
        row = self._connection.execute(query).first()
        return None if row is None else _allocation(row)

    def live_until_after(self, resource_id: str, instant: int, limit: int) -> Sequence[Allocation]:
        query = (
            select(allocations)
            .where(allocations.c.resource_id == resource_id, _LIVE)
            .where(or_(allocations.c.end_us > instant, _HELD))
            .order_by(allocations.c.end_us)
            .limit(limit)
        )
        return [_allocation(row) for row in self._connection.execute(query)]

    def due(self, resource_id: str | None, now: int, limit: int) -> Sequence[Allocation]:
        query = _DUE if resource_id is None else _DUE_OF
        rows = self._connection.execute(query, {"now": now, "limit": limit, "resource": resource_id})
        return [_allocation(row) for row in rows]

    def page(self, query: AllocationQuery) -> Sequence[Allocation]:
        by = allocations.c.start_us if query.by_start else allocations.c.id
        order = (by.desc(), allocations.c.id.desc()) if query.descending else (by, allocations.c.id)
        statement = select(allocations).where(*_conditions(query)).order_by(*order).limit(query.limit)
        return [_allocation(row) for row in self._connection.execute(statement)]

    def set_exclusive(self, resource_id: str, exclusive: bool) -> None:
        self._connection.execute(
            update(allocations).where(allocations.c.resource_id == resource_id, _LIVE).values(exclusive=exclusive)
        )


def _conditions(query: AllocationQuery) -> list[Any]:
    found: list[Any] = [allocations.c.resource_id == query.resource_id]
    if query.statuses:
        found.append(allocations.c.status.in_([status.value for status in query.statuses]))
    else:
        found.append(_LIVE)
    if query.allocation_type is not None:
        found.append(allocations.c.allocation_type == query.allocation_type)
    if query.window is not None:
        found += [allocations.c.start_us < query.window.end, allocations.c.end_us > query.window.start]
    if query.after is not None:
        ident = allocations.c.id
        if query.by_start:
            start, position = allocations.c.start_us, (query.after.value, query.after.ident)
            row = tuple_(start, ident)
            # The first condition repeats what the second implies: SQLite seeks by it, and only filters by the pair.
            if query.descending:
                found += [start <= position[0], row < position]
            else:
                found += [start >= position[0], row > position]
        else:
            found.append(ident < query.after.ident if query.descending else ident > query.after.ident)
    return found


def _values(allocation: Allocation) -> dict[str, Any]:
    return {
        "resource_id": allocation.resource_id,
        "kind": allocation.resource_kind,
        "start_us": allocation.interval.start,
        "end_us": allocation.interval.end,
        "quantity": allocation.quantity,
        "allocation_type": allocation.allocation_type,
        "status": allocation.status.value,
        "hold_expires_us": allocation.hold_expires,
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
        quantity=row.quantity,
        allocation_type=row.allocation_type,
        status=AllocationStatus(row.status),
        hold_expires=row.hold_expires_us,
        description=row.description,
        dump=json.loads(row.dump),
        created=row.created_us,
        version=row.version,
    )
