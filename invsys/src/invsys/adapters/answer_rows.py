"""Answers under idempotency keys, in SQL."""

import hashlib
import json

from sqlalchemy import Connection, bindparam, delete, select, text

from invsys.adapters.tables import answers
from invsys.domain.errors import RequestRunningError
from invsys.service.ports import StoredAnswer

_FIND = select(answers).where(answers.c.key == bindparam("wanted"))
_ADD = answers.insert()


class SqlIdempotencyRows:
    """The port `IdempotencyRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, key: str) -> StoredAnswer | None:
        if self._connection.dialect.name == "postgresql":
            self._hold(key)
        # On SQLite nothing runs beside a writing transaction: a twin waited for us, and finds our answer.
        row = self._connection.execute(_FIND, {"wanted": key}).first()
        return None if row is None else StoredAnswer(row.fingerprint, row.status, json.loads(row.headers), row.body)

    def add(self, key: str, answer: StoredAnswer, now: int) -> None:
        row = {
            "key": key,
            "fingerprint": answer.fingerprint,
            "status": answer.status,
            "headers": json.dumps(answer.headers),
            "body": answer.body,
            "created_us": now,
        }
        self._connection.execute(_ADD, row)

    def forget(self, before: int) -> None:
        self._connection.execute(delete(answers).where(answers.c.created_us < before))

    def _hold(self, key: str) -> None:
        # An advisory lock, because the row to lock does not exist yet; it ends with the transaction.
        number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
        if not self._connection.execute(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}).scalar():
            raise RequestRunningError(key)
