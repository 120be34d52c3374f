"""The history in SQL, numbered in the order of commits (see `servicekit.storage.numbers`)."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from invsys.adapters.tables import changes, feed
from invsys.domain.allocation import Allocation
from invsys.domain.resource import Resource
from invsys.service.ports import Change, ChangeQuery
from servicekit.core.values import Clock, Origin
from servicekit.storage.numbers import Numbers

_NUMBERS = Numbers(feed)
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
        first = _NUMBERS.take(self._connection, len(self._rows))
        now = self._clock()
        rows = [{"seq": first + index, "at_us": now, **row} for index, row in enumerate(self._rows)]
        self._connection.execute(_ADD, rows)
        self._rows.clear()

    def last(self) -> int:
        return _NUMBERS.last(self._connection)

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
