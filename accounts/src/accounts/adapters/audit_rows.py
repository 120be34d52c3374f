"""The audit in SQL: entries are numbered and sealed near the end of a transaction, under a lock of their own.

The one row of `audit_numbers` is taken first: whoever has it sees the seal of the entry before, since its transaction
has committed.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from accounts.adapters.tables import audit, audit_numbers
from accounts.domain.audit import BEGINNING, Entry, seal
from accounts.service.ports import AuditQuery
from servicekit.core.values import Clock, Origin
from servicekit.storage.numbers import Numbers

_NUMBERS = Numbers(audit_numbers)
_SEAL = select(audit.c.seal).where(audit.c.seq == bindparam("number"))
_ADD = audit.insert()
_STREAM = {"stream_results": True, "yield_per": 2000}


class SqlAudit:
    """The port `Audit` on one connection: kept until `flush`, then written at once."""

    def __init__(self, connection: Connection, origin: Origin, clock: Clock) -> None:
        self._connection = connection
        self._origin = origin
        self._clock = clock
        self._kept: list[tuple[str, str, dict[str, Any]]] = []

    def record(self, topic: str, subject: str, details: dict[str, Any]) -> None:
        self._kept.append((topic, subject, details))

    def mark(self) -> int:
        """How much is kept so far, for `rewind`."""
        return len(self._kept)

    def rewind(self, mark: int) -> None:
        """Forget what was recorded after `mark`: it did not happen."""
        del self._kept[mark:]

    def flush(self) -> None:
        """Number, seal and write what was recorded."""
        if not self._kept:
            return
        first = _NUMBERS.take(self._connection, len(self._kept))
        before = self._connection.execute(_SEAL, {"number": first - 1}).scalar() or BEGINNING
        now = self._clock()
        rows = []
        for index, (topic, subject, details) in enumerate(self._kept):
            # As it will be read back: a seal over anything else would break by reading.
            members = json.loads(json.dumps(details))
            actor, request = self._origin.actor, self._origin.request_id
            entry = Entry(first + index, now, actor, topic, subject, members, request)
            before = seal(entry, before)
            rows.append(_values(entry, before))
        self._connection.execute(_ADD, rows)
        self._kept.clear()

    def page(self, query: AuditQuery) -> Sequence[Entry]:
        statement = select(audit).order_by(audit.c.seq.desc()).limit(query.limit)
        if query.subject is not None:
            statement = statement.where(audit.c.subject == query.subject)
        if query.actor is not None:
            statement = statement.where(audit.c.actor == query.actor)
        if query.before is not None:
            statement = statement.where(audit.c.seq < query.before)
        return [_entry(row) for row in self._connection.execute(statement)]

    def all(self) -> Iterator[Entry]:
        for row in self._connection.execute(select(audit).order_by(audit.c.seq), execution_options=_STREAM):
            yield _entry(row)

    def last(self) -> int:
        return _NUMBERS.last(self._connection)


def _values(entry: Entry, sealed: str) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at_us": entry.at,
        "actor": entry.actor,
        "topic": entry.topic,
        "subject": entry.subject,
        "details": json.dumps(entry.details, separators=(",", ":")),
        "request_id": entry.request_id,
        "seal": sealed,
    }


def _entry(row: Row[Any]) -> Entry:
    details = json.loads(row.details)
    return Entry(row.seq, row.at_us, row.actor, row.topic, row.subject, details, row.request_id, row.seal)
