"""The grants of clients in SQL, and grants as JSON for roles."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from accounts.adapters.tables import grants
from accounts.domain.grant import ClientGrant, Effect, Grant

_OF_CLIENT = select(grants).where(grants.c.client_id == bindparam("client")).order_by(grants.c.id)


class SqlGrantRows:
    """The port `GrantRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, grant: ClientGrant) -> None:
        row = {"id": grant.id, "client_id": grant.client_id, "created_at": grant.created_at, **_values(grant.grant)}
        self._connection.execute(grants.insert(), row)

    def get(self, client_id: str, ident: str) -> ClientGrant | None:
        query = select(grants).where(grants.c.id == ident, grants.c.client_id == client_id)
        row = self._connection.execute(query).first()
        return None if row is None else _held(row)

    def remove(self, ident: str) -> None:
        self._connection.execute(delete(grants).where(grants.c.id == ident))

    def of_client(self, client_id: str) -> Sequence[ClientGrant]:
        return [_held(row) for row in self._connection.execute(_OF_CLIENT, {"client": client_id})]

    def of_clients(self, client_ids: Sequence[str]) -> Mapping[str, Sequence[ClientGrant]]:
        found: dict[str, list[ClientGrant]] = {}
        query = select(grants).where(grants.c.client_id.in_(client_ids)).order_by(grants.c.id)
        for row in self._connection.execute(query):
            found.setdefault(row.client_id, []).append(_held(row))
        return found

    def page(self, client_id: str, after: str, limit: int) -> Sequence[ClientGrant]:
        statement = _OF_CLIENT.limit(limit).where(grants.c.id > after)
        return [_held(row) for row in self._connection.execute(statement, {"client": client_id})]


def dump(given: Sequence[Grant]) -> str:
    """Grants as JSON text, for the column of a role."""
    return json.dumps(
        [
            {
                "resource": grant.resource,
                "actions": grant.actions,
                "effect": grant.effect.value,
                "expires_at": grant.expires_at,
                "query": grant.query,
            }
            for grant in given
        ]
    )


def load(text: str) -> tuple[Grant, ...]:
    """Grants from the JSON text that `dump` made."""
    return tuple(
        Grant(one["resource"], tuple(one["actions"]), Effect(one["effect"]), one["expires_at"], one["query"])
        for one in json.loads(text)
    )


def _values(grant: Grant) -> dict[str, Any]:
    return {
        "resource": grant.resource,
        "actions": json.dumps(grant.actions),
        "effect": grant.effect.value,
        "expires_at": grant.expires_at,
        "query": json.dumps(grant.query),
    }


def _held(row: Row[Any]) -> ClientGrant:
    grant = Grant(
        row.resource, tuple(json.loads(row.actions)), Effect(row.effect), row.expires_at, json.loads(row.query)
    )
    return ClientGrant(row.id, row.client_id, grant, row.created_at)
