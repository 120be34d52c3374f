"""The feed in SQL: the records as gateways are told them, and the numbered list of which changed.

Both are written last in a transaction, under the lock of the one row of `feed` that servicekit's numbers take.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, select, true, update

from accounts.adapters.tables import changes, epochs, feed, records
from accounts.service.ports import Change, FeedState, Record
from servicekit.core.values import Clock
from servicekit.storage.numbers import Numbers

_NUMBERS = Numbers(feed)
_THIS = and_(records.c.kind == bindparam("of"), records.c.id == bindparam("ident"))
_SAVE = update(records).where(_THIS).values(body=bindparam("text"))
_ADD = records.insert()
_REMOVE = delete(records).where(_THIS)
_NOTE = changes.insert()
_RECORD = select(records.c.body).where(_THIS)
_STATE = select(epochs.c.epoch, epochs.c.floor_seq, feed.c.last_seq).join_from(epochs, feed, true())
_CHANGES = (
    select(changes.c.seq, changes.c.kind, changes.c.id, records.c.body)
    .join_from(changes, records, and_(changes.c.kind == records.c.kind, changes.c.id == records.c.id), isouter=True)
    .where(changes.c.seq > bindparam("after"))
    .order_by(changes.c.seq)
    .limit(bindparam("limit"))
)
_STREAM = {"stream_results": True, "yield_per": 2000}
_FEW = {"stream_results": True, "yield_per": 50}
MAX_CHARACTERS = 8 * 1024 * 1024
"""Of the records in one answer to a gateway, but for the last: a thousand clients may have a MB each."""


class SqlFeed:
    """The port `Feed` on one connection: what is published is kept until `flush`, then written at once."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._published: list[tuple[str, str, str | None]] = []

    def publish(self, kind: str, ident: str, record: dict[str, Any] | None) -> None:
        text = None if record is None else json.dumps(record, separators=(",", ":"))
        self._published.append((kind, ident, text))

    def mark(self) -> int:
        """How much is kept so far, for `rewind`."""
        return len(self._published)

    def rewind(self, mark: int) -> None:
        """Forget what was published after `mark`: it did not happen."""
        del self._published[mark:]

    def flush(self) -> None:
        """Write and number what was published; nothing may follow in the transaction but its commit."""
        latest = {(kind, ident): text for kind, ident, text in self._published}
        if not latest:
            return
        for (kind, ident), text in latest.items():
            self._replace(kind, ident, text)
        first = _NUMBERS.take(self._connection, len(latest))
        now = self._clock()
        rows = [
            {"seq": first + index, "kind": kind, "id": ident, "at_us": now}
            for index, (kind, ident) in enumerate(latest)
        ]
        self._connection.execute(_NOTE, rows)
        self._published.clear()

    def state(self) -> FeedState:
        row = self._connection.execute(_STATE).one()
        return FeedState(row.epoch, row.floor_seq, row.last_seq)

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        # One statement, so one moment: a record is never older than the change that names it.
        found: list[Change] = []
        room = MAX_CHARACTERS
        with self._connection.execute(_CHANGES, {"after": after, "limit": limit}, execution_options=_FEW) as rows:
            for row in rows:
                found.append(Change(row.seq, row.kind, row.id, row.body))
                room -= len(row.body or "")
                if room <= 0:
                    break
        return found

    def record(self, kind: str, ident: str) -> str | None:
        return self._connection.execute(_RECORD, {"of": kind, "ident": ident}).scalar()

    def forget(self, before: int) -> None:
        last = self._connection.execute(select(func.max(changes.c.seq)).where(changes.c.at_us < before)).scalar()
        if last is not None:
            self._connection.execute(delete(changes).where(changes.c.seq <= last))
            self._connection.execute(update(epochs).values(floor_seq=last))

    def renew(self, epoch: str) -> None:
        self._connection.execute(delete(changes))
        last = self._connection.execute(select(feed.c.last_seq)).scalar_one()
        self._connection.execute(update(epochs).values(epoch=epoch, floor_seq=last))

    def _replace(self, kind: str, ident: str, text: str | None) -> None:
        this = {"of": kind, "ident": ident}
        if text is None:
            self._connection.execute(_REMOVE, this)
        elif not self._connection.execute(_SAVE, {**this, "text": text}).rowcount:
            self._connection.execute(_ADD, {"kind": kind, "id": ident, "body": text})


def count_records(connection: Connection) -> int:
    """How many records there are, but for peppers, whose secrets are not here."""
    query = select(func.count()).select_from(records).where(records.c.kind != "pepper")
    return int(connection.execute(query).scalar_one())


def stream_records(connection: Connection) -> Iterator[Record]:
    """Every record but the peppers, clients last. Memory does not grow with their number."""
    for chosen in (records.c.kind.not_in(("client", "pepper")), records.c.kind == "client"):
        query = select(records).where(chosen).order_by(records.c.kind, records.c.id)
        for row in connection.execute(query, execution_options=_STREAM):
            yield Record(row.kind, row.id, row.body)
