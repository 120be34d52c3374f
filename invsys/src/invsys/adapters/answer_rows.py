"""Answers under idempotency keys, in SQL."""

import hashlib
import json

from sqlalchemy import Connection, delete, select, text

from invsys.adapters.tables import answers
from invsys.domain.errors import RequestRunningError
from invsys.service.ports import StoredAnswer


class SqlIdempotencyRows:
    """The port `IdempotencyRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, key: str) -> StoredAnswer | None:
        if self._connection.dialect.name == "postgresql":
            self._hold(key)
        # On SQLite nothing runs beside a writing transaction: a twin waited for us, and finds our answer.
        row = self._connection.execute(select(answers).where(answers.c.key == key)).first()
        return None if row is None else StoredAnswer(row.fingerprint, row.status, json.loads(row.headers), row.body)

    def add(self, key: str, answer: StoredAnswer, now: int) -> None:
        self._connection.execute(
            answers.insert().values(
                key=key,
                fingerprint=answer.fingerprint,
                status=answer.status,
                headers=json.dumps(answer.headers),
                body=answer.body,
                created_us=now,
            )
        )

    def forget(self, before: int) -> None:
        self._connection.execute(delete(answers).where(answers.c.created_us < before))

    def _hold(self, key: str) -> None:
        # An advisory lock, because the row to lock does not exist yet; it ends with the transaction.
        number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
        if not self._connection.execute(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}).scalar():
            raise RequestRunningError(key)
