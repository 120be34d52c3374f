"""Resources in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from invsys.adapters.tables import resources
from invsys.domain.resource import Resource, ResourceStatus

_GONE = ResourceStatus.DECOMMISSIONED.value


class SqlResourceRows:
    """The port `ResourceRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, resource: Resource) -> bool:
        return self._unless_name_taken(resources.insert().values(id=resource.id, lock_seq=0, **_values(resource)))

    def get(self, kind: str, ident: str) -> Resource | None:
        query = select(resources).where(resources.c.id == ident, resources.c.kind == kind, resources.c.status != _GONE)
        return _optional(self._connection.execute(query).first())

    def claim(self, kind: str, ident: str) -> Resource | None:
        statement = (
            update(resources)
            .where(resources.c.id == ident, resources.c.kind == kind, resources.c.status != _GONE)
            .values(lock_seq=resources.c.lock_seq + 1)
            .returning(resources)
        )
        return _optional(self._connection.execute(statement).first())

    def save(self, resource: Resource) -> bool:
        return self._unless_name_taken(update(resources).where(resources.c.id == resource.id).values(_values(resource)))

    def page(self, kind: str, after: str, limit: int) -> Sequence[Resource]:
        query = (
            select(resources)
            .where(resources.c.kind == kind, resources.c.id > after, resources.c.status != _GONE)
            .order_by(resources.c.id)
            .limit(limit)
        )
        return [_resource(row) for row in self._connection.execute(query)]

    def _unless_name_taken(self, statement: Any) -> bool:
        # The unique index decides, inside a savepoint so that the refusal leaves the transaction usable.
        try:
            with self._connection.begin_nested():
                self._connection.execute(statement)
        except IntegrityError:
            return False
        return True


def _values(resource: Resource) -> dict[str, Any]:
    return {
        "kind": resource.kind,
        "name": resource.name,
        "status": resource.status.value,
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
        status=ResourceStatus(row.status),
        created=row.created_us,
        version=row.version,
    )
