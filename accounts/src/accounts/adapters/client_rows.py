"""Clients in SQL."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from accounts.adapters.tables import (
    OPEN,
    api_keys,
    client_roles,
    client_secrets,
    clients,
    grants,
    oauth_profiles,
    revoked_tokens,
)
from accounts.domain.client import Client, ClientStatus, RevokedToken
from accounts.domain.names import normal
from accounts.service.ports import ClientQuery
from servicekit.storage.texts import LAST_CHARACTER, unless_taken

# Statements of the hot path are built once: SQLAlchemy takes longer to build one than SQLite to run it.
_GET = select(clients).where(clients.c.id == bindparam("ident"))
_CLAIM = _GET.with_for_update()  # SQLite's writing transactions queue at their beginning instead
_ROLES = select(client_roles).where(client_roles.c.client_id.in_(bindparam("idents", expanding=True)))
_ROLES = _ROLES.order_by(client_roles.c.position)
_ADD_ROLES = client_roles.insert()
_REVOKED = (
    select(revoked_tokens)
    .where(revoked_tokens.c.client_id == bindparam("ident"))
    .order_by(revoked_tokens.c.exp, revoked_tokens.c.jti)
)


class SqlClientRows:
    """The port `ClientRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, client: Client) -> bool:
        if not unless_taken(self._connection, clients.insert().values(id=client.id, **_values(client))):
            return False
        self._add_roles(client)
        return True

    def get(self, ident: str) -> Client | None:
        return self._one(self._connection.execute(_GET, {"ident": ident}).first())

    def by_name(self, name: str) -> Client | None:
        return self._one(self._connection.execute(select(clients).where(clients.c.name == normal(name), OPEN)).first())

    def claim(self, ident: str) -> Client | None:
        return self._one(self._connection.execute(_CLAIM, {"ident": ident}).first())

    def save(self, client: Client) -> bool:
        if not unless_taken(self._connection, update(clients).where(clients.c.id == client.id).values(_values(client))):
            return False
        self._connection.execute(delete(client_roles).where(client_roles.c.client_id == client.id))
        self._add_roles(client)
        return True

    def page(self, query: ClientQuery) -> Sequence[Client]:
        status = OPEN if query.status is None else clients.c.status == query.status.value
        statement = select(clients).where(status).order_by(clients.c.id).limit(query.limit)
        if query.after:
            statement = statement.where(clients.c.id > query.after)
        if query.name_prefix:
            first = normal(query.name_prefix)
            statement = statement.where(clients.c.name >= first, clients.c.name <= first + LAST_CHARACTER)
        return self._all(self._connection.execute(statement).all())

    def closed_before(self, at: int, limit: int) -> Sequence[str]:
        statement = select(clients.c.id).where(clients.c.closed_at < at).order_by(clients.c.id).limit(limit)
        return list(self._connection.execute(statement).scalars())

    def remove(self, ident: str) -> None:
        for table in (client_roles, revoked_tokens, api_keys, client_secrets, oauth_profiles, grants):
            self._connection.execute(delete(table).where(table.c.client_id == ident))
        self._connection.execute(delete(clients).where(clients.c.id == ident))

    def add_revoked(self, ident: str, token: RevokedToken) -> None:
        of_token = (revoked_tokens.c.client_id == ident, revoked_tokens.c.jti == token.jti)
        changed = self._connection.execute(update(revoked_tokens).where(*of_token).values(exp=token.exp))
        if not changed.rowcount:
            row = {"client_id": ident, "jti": token.jti, "exp": token.exp}
            self._connection.execute(revoked_tokens.insert(), row)

    def revoked(self, ident: str) -> Sequence[RevokedToken]:
        rows = self._connection.execute(_REVOKED, {"ident": ident})
        return [RevokedToken(row.jti, row.exp) for row in rows]

    def count_revoked(self, ident: str) -> int:
        query = select(func.count()).select_from(revoked_tokens).where(revoked_tokens.c.client_id == ident)
        return int(self._connection.execute(query).scalar_one())

    def forget_revoked(self, at: int, ident: str | None = None) -> None:
        ended = delete(revoked_tokens).where(revoked_tokens.c.exp < at)
        self._connection.execute(ended if ident is None else ended.where(revoked_tokens.c.client_id == ident))

    def _add_roles(self, client: Client) -> None:
        rows = [{"client_id": client.id, "position": n, "role": role} for n, role in enumerate(client.roles)]
        if rows:
            self._connection.execute(_ADD_ROLES, rows)

    def _one(self, row: Row[Any] | None) -> Client | None:
        return None if row is None else self._all([row])[0]

    def _all(self, rows: Sequence[Row[Any]]) -> list[Client]:
        held: dict[str, list[str]] = {row.id: [] for row in rows}
        if held:
            for row in self._connection.execute(_ROLES, {"idents": list(held)}):
                held[row.client_id].append(row.role)
        return [_client(row, tuple(held[row.id])) for row in rows]


def _values(client: Client) -> dict[str, Any]:
    return {
        "name": client.name,
        "status": client.status.value,
        "not_before": client.not_before,
        "plan": client.plan,
        "labels": json.dumps(client.labels),
        "certificates": json.dumps(client.certificates),
        "created_at": client.created_at,
        "closed_at": client.closed_at,
        "version": client.version,
    }


def _client(row: Row[Any], roles: tuple[str, ...]) -> Client:
    return Client(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        status=ClientStatus(row.status),
        not_before=row.not_before,
        plan=row.plan,
        roles=roles,
        labels=json.loads(row.labels),
        certificates=tuple(json.loads(row.certificates)),
        closed_at=row.closed_at,
        version=row.version,
    )
