"""API keys in SQL."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, or_, select, tuple_, update

from accounts.adapters.tables import api_keys
from accounts.domain.credentials import Secret
from accounts.domain.key import ApiKey
from servicekit.core.values import Position

_GET = select(api_keys).where(api_keys.c.id == bindparam("ident"))
_OF_CLIENT = (
    select(api_keys).where(api_keys.c.client_id == bindparam("client")).order_by(api_keys.c.created_at, api_keys.c.id)
)
_ADD = api_keys.insert()
_SAVED = [column for column in api_keys.c if column.name not in ("id", "last_used_at")]  # see mark_used
_SAVE = (
    update(api_keys)
    .where(api_keys.c.id == bindparam("ident"))
    .values({column.name: bindparam(column.name, type_=column.type) for column in _SAVED})
)
_USED = (
    update(api_keys)
    .where(
        api_keys.c.id == bindparam("ident"),
        or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < bindparam("at")),
    )
    .values(last_used_at=bindparam("at"))
)


class SqlKeyRows:
    """The port `KeyRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey) -> None:
        self._connection.execute(_ADD, {"id": key.id, **_values(key)})

    def get(self, ident: str) -> ApiKey | None:
        row = self._connection.execute(_GET, {"ident": ident}).first()
        return None if row is None else _key(row)

    def save(self, key: ApiKey) -> None:
        values = _values(key)
        del values["last_used_at"]
        self._connection.execute(_SAVE, {"ident": key.id, **values})

    def of_client(self, client_id: str) -> Sequence[ApiKey]:
        return [_key(row) for row in self._connection.execute(_OF_CLIENT, {"client": client_id})]

    def page(self, client_id: str, after: Position | None, limit: int) -> Sequence[ApiKey]:
        statement = _OF_CLIENT.limit(limit)
        if after is not None:
            order = tuple_(api_keys.c.created_at, api_keys.c.id)
            # The first condition repeats what the second implies: SQLite seeks by it, and only filters by the pair.
            statement = statement.where(api_keys.c.created_at >= after.value, order > (after.value, after.ident))
        return [_key(row) for row in self._connection.execute(statement, {"client": client_id})]

    def dead_before(self, at: int, limit: int) -> Sequence[tuple[str, str]]:
        dead = or_(api_keys.c.expires_at < at, api_keys.c.revoked_at < at)
        statement = select(api_keys.c.id, api_keys.c.client_id).where(dead).order_by(api_keys.c.id).limit(limit)
        return [(row.id, row.client_id) for row in self._connection.execute(statement)]

    def remove(self, ident: str) -> None:
        self._connection.execute(delete(api_keys).where(api_keys.c.id == ident))

    def mark_used(self, times: Mapping[str, int]) -> None:
        # In one order, so that two batches never wait for each other. No client is claimed for it: a key that is being
        # changed at the time keeps what is written here.
        rows = [{"ident": ident, "at": at} for ident, at in sorted(times.items())]
        if rows:
            self._connection.execute(_USED, rows)

    def count_live_under(self, pepper: int, at: int) -> int:
        live = (api_keys.c.revoked_at.is_(None), or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > at))
        query = select(func.count()).select_from(api_keys).where(api_keys.c.pepper == pepper, *live)
        return int(self._connection.execute(query).scalar_one())


def _values(key: ApiKey) -> dict[str, Any]:
    return {
        "client_id": key.client_id,
        "name": key.name,
        "env": key.env,
        "mac": key.secret.mac,
        "pepper": key.secret.pepper,
        "scopes": json.dumps(key.scopes),
        "created_at": key.created_at,
        "created_by": key.created_by,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "replaced_by": key.replaced_by,
        "version": key.version,
    }


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        client_id=row.client_id,
        name=row.name,
        env=row.env,
        secret=Secret(row.mac, row.pepper),
        scopes=tuple(json.loads(row.scopes)),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        replaced_by=row.replaced_by,
        version=row.version,
    )
