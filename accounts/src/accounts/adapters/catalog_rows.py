"""Roles and plans in SQL: what has a name that clients refer to."""

from collections.abc import Sequence
from typing import Any, Generic

from sqlalchemy import Column, Connection, Row, Table, delete, select, update

from accounts.adapters.grant_rows import dump, load
from accounts.adapters.tables import client_roles, clients, plans, roles
from accounts.domain.plan import Period, Plan, Quota
from accounts.domain.role import Role
from accounts.service.ports import N
from servicekit.storage.texts import unless_taken


class _SqlNamedRows(Generic[N]):
    """The port `NamedRows` on one connection and table; `users` are a client's id and the name it refers to."""

    _table: Table
    _users: tuple[Column[Any], Column[Any]]

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, thing: N) -> bool:
        return unless_taken(self._connection, self._table.insert().values(self._values(thing)))

    def get(self, name: str) -> N | None:
        row = self._connection.execute(select(self._table).where(self._table.c.name == name)).first()
        return None if row is None else self._build(row)

    def claim(self, name: str) -> N | None:
        query = select(self._table).where(self._table.c.name == name).with_for_update()
        row = self._connection.execute(query).first()
        return None if row is None else self._build(row)

    def save(self, thing: N) -> None:
        statement = update(self._table).where(self._table.c.name == thing.name).values(self._values(thing))
        self._connection.execute(statement)

    def remove(self, name: str) -> None:
        self._connection.execute(delete(self._table).where(self._table.c.name == name))

    def page(self, after: str, limit: int) -> Sequence[N]:
        query = select(self._table).where(self._table.c.name > after).order_by(self._table.c.name).limit(limit)
        return [self._build(row) for row in self._connection.execute(query)]

    def known(self, names: Sequence[str]) -> set[str]:
        if not names:
            return set()
        # A claim waits for this lock, so that who removes one sees the client that is about to refer to it.
        query = select(self._table.c.name).where(self._table.c.name.in_(names))
        return set(self._connection.execute(query.with_for_update(read=True, key_share=True)).scalars())

    def holder(self, name: str) -> str | None:
        ident, reference = self._users
        return self._connection.execute(select(ident).where(reference == name).limit(1)).scalar()

    def _build(self, row: Row[Any]) -> N:
        raise NotImplementedError

    def _values(self, thing: N) -> dict[str, Any]:
        raise NotImplementedError


class SqlRoleRows(_SqlNamedRows[Role]):
    """The roles of one transaction."""

    _table = roles
    _users = (client_roles.c.client_id, client_roles.c.role)

    def _build(self, row: Row[Any]) -> Role:
        return Role(row.name, load(row.grants), row.created_at, row.version)

    def _values(self, thing: Role) -> dict[str, Any]:
        return {
            "name": thing.name,
            "grants": dump(thing.grants),
            "created_at": thing.created_at,
            "version": thing.version,
        }


class SqlPlanRows(_SqlNamedRows[Plan]):
    """The plans of one transaction."""

    _table = plans
    _users = (clients.c.id, clients.c.plan)

    def _build(self, row: Row[Any]) -> Plan:
        quota = None if row.quota_requests is None else Quota(row.quota_requests, Period(row.quota_period))
        limits = (row.requests, row.seconds, row.burst, quota, row.concurrency)
        return Plan(row.name, *limits, created_at=row.created_at, version=row.version)

    def _values(self, thing: Plan) -> dict[str, Any]:
        return {
            "name": thing.name,
            "requests": thing.requests,
            "seconds": thing.seconds,
            "burst": thing.burst,
            "quota_requests": None if thing.quota is None else thing.quota.requests,
            "quota_period": None if thing.quota is None else thing.quota.period.value,
            "concurrency": thing.concurrency,
            "created_at": thing.created_at,
            "version": thing.version,
        }
