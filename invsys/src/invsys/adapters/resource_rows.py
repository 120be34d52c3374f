"""Resources in SQL."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Row, and_, bindparam, delete, func, select, text, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from invsys.adapters.tables import PRESENT, facets, resources
from invsys.domain.names import normal
from invsys.domain.resource import MAX_SEARCHED, Resource, ResourceStatus
from invsys.service.ports import ResourceQuery
from servicekit.core.values import Position
from servicekit.storage.texts import LAST_CHARACTER, unless_taken

_PRESENT = text("resources." + PRESENT)
_LABEL, _ATTRIBUTE = "l", "a"

# Room for :quantity all through [:start, :end): no step in it leaves less. See occupancy_rows.
_FREE = """
    resources.status = 'active' AND resources.capacity >= :quantity AND NOT EXISTS (
        SELECT 1 FROM occupancy o WHERE o.resource_id = resources.id AND o.at_us < :end
        AND o.level > resources.capacity - :quantity AND o.at_us >= COALESCE(
            (SELECT MAX(p.at_us) FROM occupancy p WHERE p.resource_id = resources.id AND p.at_us <= :start), :start))
"""


# Statements of the hot path are built once: SQLAlchemy takes longer to build one than SQLite to run it.
_THIS_ONE = and_(resources.c.id == bindparam("ident"), resources.c.kind == bindparam("of"), _PRESENT)
_GET = select(resources).where(_THIS_ONE)
_CLAIM = update(resources).where(_THIS_ONE).values(lock_seq=resources.c.lock_seq + 1).returning(resources)


class SqlResourceRows:
    """The port `ResourceRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, resource: Resource) -> bool:
        if not unless_taken(self._connection, resources.insert().values(_row(resource))):
            return False
        self._add_facets([resource])
        return True

    def add_many(self, resources_: Sequence[Resource]) -> bool:
        rows = [_row(resource) for resource in resources_]
        if rows and not unless_taken(self._connection, resources.insert(), rows):
            return False
        self._add_facets(resources_)
        return True

    def count(self, kind: str) -> int:
        query = select(func.count()).select_from(resources).where(resources.c.kind == kind, _PRESENT)
        return int(self._connection.execute(query).scalar_one())

    def by_names(self, kind: str, names: Iterable[str]) -> dict[str, Resource]:
        query = select(resources).where(resources.c.kind == kind, resources.c.name.in_(list(names)), _PRESENT)
        return {row.name: _resource(row) for row in self._connection.execute(query)}

    def taken(self, kind: str, names: Iterable[str]) -> set[str]:
        query = select(resources.c.name).where(resources.c.kind == kind, resources.c.name.in_(list(names)), _PRESENT)
        return set(self._connection.execute(query).scalars())

    def get(self, kind: str, ident: str) -> Resource | None:
        return _optional(self._connection.execute(_GET, {"ident": ident, "of": kind}).first())

    def claim(self, kind: str, ident: str) -> Resource | None:
        return _optional(self._connection.execute(_CLAIM, {"ident": ident, "of": kind}).first())

    def save(self, resource: Resource) -> bool:
        if not unless_taken(
            self._connection, update(resources).where(resources.c.id == resource.id).values(_values(resource))
        ):
            return False
        self._connection.execute(delete(facets).where(facets.c.resource_id == resource.id))
        self._add_facets([resource])
        return True

    def page(self, query: ResourceQuery) -> Sequence[Resource]:
        statement = select(resources).where(resources.c.kind == query.kind).limit(query.limit)
        columns = _order(query)
        statement = statement.order_by(*(column.desc() if query.descending else column for column in columns))
        for condition in _conditions(query):
            statement = statement.where(condition)
        return [_resource(row) for row in self._connection.execute(statement)]

    def _add_facets(self, resources_: Sequence[Resource]) -> None:
        rows = [row for resource in resources_ for row in _facets(resource)]
        if rows:
            self._connection.execute(facets.insert(), rows)


def _conditions(query: ResourceQuery) -> list[Any]:
    found: list[Any] = []
    if query.statuses:
        found.append(resources.c.status.in_([status.value for status in query.statuses]))
    else:
        found.append(_PRESENT)
    for source, wanted in ((_LABEL, query.labels), (_ATTRIBUTE, query.attributes)):
        found += [_has_facet(source, key, value) for key, value in wanted.items()]
    if query.name_prefix:
        first = normal(query.name_prefix)
        found += [resources.c.name >= first, resources.c.name <= first + LAST_CHARACTER]
    if query.free is not None:
        bounds = {"start": query.free.start, "end": query.free.end, "quantity": query.quantity}
        found.append(text(_FREE).bindparams(**bounds))
    if query.after is not None:
        found += _beyond(query, query.after)
    return found


def _order(query: ResourceQuery) -> list[Column[Any]]:
    if not query.by_name:
        return [resources.c.id]
    # Names of those present are unique, so the name alone is an order, and its unique index has it.
    return [resources.c.name, resources.c.id] if query.statuses else [resources.c.name]


def _beyond(query: ResourceQuery, after: Position) -> list[Any]:
    columns = _order(query)
    values = (after.value, after.ident) if query.by_name else (after.ident,)
    if len(columns) == 1:
        return [columns[0] < values[0] if query.descending else columns[0] > values[0]]
    # The first condition repeats what the second implies: SQLite seeks by it, and only filters by the pair.
    pair = tuple_(*columns)
    if query.descending:
        return [columns[0] <= values[0], pair < values]
    return [columns[0] >= values[0], pair > values]


def _has_facet(source: str, key: str, value: str) -> ColumnElement[bool]:
    matching = select(facets.c.resource_id).where(
        and_(facets.c.source == source, facets.c.key == key, facets.c.value == value)
    )
    return resources.c.id.in_(matching)


def _facets(resource: Resource) -> list[dict[str, str]]:
    plain = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in resource.attributes.items()
        if not isinstance(value, dict | list)
    }
    # No search asks for more than MAX_SEARCHED characters, and PostgreSQL cannot index more than about 2,700 bytes.
    plain = {key: value for key, value in plain.items() if len(value) <= MAX_SEARCHED}
    return [
        {"resource_id": resource.id, "source": source, "key": key, "value": value}
        for source, pairs in ((_LABEL, resource.labels), (_ATTRIBUTE, plain))
        for key, value in pairs.items()
    ]


def _row(resource: Resource) -> dict[str, Any]:
    return {"id": resource.id, "lock_seq": 0, **_values(resource)}


def _values(resource: Resource) -> dict[str, Any]:
    return {
        "kind": resource.kind,
        "name": resource.name,
        "status": resource.status.value,
        "capacity": resource.capacity,
        "attributes": json.dumps(resource.attributes, ensure_ascii=False),
        "labels": json.dumps(resource.labels, ensure_ascii=False),
        "created_us": resource.created,
        "version": resource.version,
    }


def _optional(row: Row[Any] | None) -> Resource | None:
    return None if row is None else _resource(row)


def _resource(row: Row[Any]) -> Resource:
    return Resource(
        id=row.id,
        kind=row.kind,
        name=row.name,
        created=row.created_us,
        status=ResourceStatus(row.status),
        capacity=row.capacity,
        attributes=json.loads(row.attributes),
        labels=json.loads(row.labels),
        version=row.version,
    )
