"""Kinds in SQL."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from invsys.adapters.tables import kinds, resources
from invsys.domain.kind import Kind, Mode


class SqlKindRows:
    """The port `KindRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[Kind]:
        return [_kind(row) for row in self._connection.execute(select(kinds).order_by(kinds.c.code))]

    def put(self, kind: Kind) -> None:
        schema = None if kind.attributes_schema is None else json.dumps(kind.attributes_schema)
        values = {
            "plural": kind.plural,
            "mode": kind.mode.value,
            "slot_us": kind.slot,
            "anchor_us": kind.anchor,
            "attributes_schema": schema,
        }
        changed = self._connection.execute(update(kinds).where(kinds.c.code == kind.code).values(values))
        if not changed.rowcount:
            self._connection.execute(kinds.insert().values(code=kind.code, **values))

    def in_use(self, code: str) -> bool:
        query = select(resources.c.id).where(resources.c.kind == code).limit(1)
        return self._connection.execute(query).first() is not None


def _kind(row: Row[Any]) -> Kind:
    schema = None if row.attributes_schema is None else json.loads(row.attributes_schema)
    return Kind(row.code, row.plural, Mode(row.mode), row.slot_us, row.anchor_us, schema)
