"""The history in SQL.

Numbers come from the one row of `feed`, taken as the last act of a transaction: whoever has it holds it until the
commit, so numbers follow the order of commits and none is ever left out. A database sequence promises neither. The
price is that commits of changes pass one by one, as they do on SQLite anyway.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, bindparam, select, update

from invsys.adapters.tables import changes, feed
from invsys.domain.allocation import Allocation
from invsys.domain.resource import Resource
from invsys.service.ports import Change, ChangeQuery, Clock, Origin

_TAKE = update(feed).values(last_seq=feed.c.last_seq + bindparam("count", type_=BigInteger)).returning(feed.c.last_seq)
_ADD = changes.insert()


class SqlChanges:
    """The port `Changes` on one connection: kept until `flush`, then written at once."""

    def __init__(self, connection: Connection, origin: Origin, clock: Clock) -> None:
        self._connection = connection
        self._origin = origin
        self._clock = clock
        self._rows: list[dict[str, Any]] = []

    def record(self, topic: str, subject: Resource | Allocation, before: Any, after: Any) -> None:
        is_allocation = isinstance(subject, Allocation)
        self._rows.append(
            {
                "topic": topic,
                "kind": subject.resource_kind if isinstance(subject, Allocation) else subject.kind,
                "resource_id": subject.resource_id if isinstance(subject, Allocation) else subject.id,
                "allocation_id": subject.id if is_allocation else None,
                "version": subject.version,
                "before": None if before is None else _dump(before),
                "after": _dump(after),
                "request_id": self._origin.request_id,
                "actor": self._origin.actor,
            }
        )

    def mark(self) -> int:
        """How much is kept so far, for `rewind`."""
        return len(self._rows)

    def rewind(self, mark: int) -> None:
        """Forget what was recorded after `mark`: it did not happen."""
        del self._rows[mark:]

    def flush(self) -> None:
        """Number and write what was recorded; nothing may follow in the transaction but its commit."""
        if not self._rows:
            return
        count = len(self._rows)
        first = self._connection.execute(_TAKE, {"count": count}).scalar_one() - count + 1
        now = self._clock()
        rows = [{"seq": first + index, "at_us": now, **row} for index, row in enumerate(self._rows)]
        self._connection.execute(_ADD, rows)
        self._rows.clear()

    def last(self) -> int:
        return int(self._connection.execute(select(feed.c.last_seq)).scalar_one())

    def page(self, query: ChangeQuery) -> Sequence[Change]:
        statement = select(changes).where(changes.c.seq > query.after).order_by(changes.c.seq).limit(query.limit)
        if query.resource_id is not None:
            statement = statement.where(changes.c.resource_id == query.resource_id)
        if query.kind is not None:
            statement = statement.where(changes.c.kind == query.kind)
        return [_change(row) for row in self._connection.execute(statement)]


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _change(row: Row[Any]) -> Change:
    return Change(
        seq=row.seq,
        at=row.at_us,
        topic=row.topic,
        kind=row.kind,
        resource_id=row.resource_id,
        allocation_id=row.allocation_id,
        before=None if row.before is None else json.loads(row.before),
        after=json.loads(row.after),
        request_id=row.request_id,
        actor=row.actor,
    )
