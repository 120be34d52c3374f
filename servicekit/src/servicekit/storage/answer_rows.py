"""Answers under idempotency keys, in SQL."""

import hashlib
import json

from sqlalchemy import Connection, Table, bindparam, delete, select, text

from servicekit.core.errors import RequestRunningError
from servicekit.core.idempotency import StoredAnswer


class AnswerStatements:
    """The statements on one `answers` table, built once: building them costs more than running them."""

    def __init__(self, answers: Table) -> None:
        self.table = answers
        self.find = select(answers).where(answers.c.key == bindparam("wanted"))
        self.add = answers.insert()


class SqlIdempotencyRows:
    """The port `IdempotencyRows` on one connection."""

    def __init__(self, connection: Connection, statements: AnswerStatements) -> None:
        self._connection = connection
        self._statements = statements

    def find(self, key: str) -> StoredAnswer | None:
        if self._connection.dialect.name == "postgresql":
            self._hold(key)
        # On SQLite nothing runs beside a writing transaction: a twin waited for us, and finds our answer.
        row = self._connection.execute(self._statements.find, {"wanted": key}).first()
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
        self._connection.execute(self._statements.add, row)

    def forget(self, before: int) -> None:
        answers = self._statements.table
        self._connection.execute(delete(answers).where(answers.c.created_us < before))

    def _hold(self, key: str) -> None:
        # An advisory lock, because the row to lock does not exist yet; it ends with the transaction.
        number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
        if not self._connection.execute(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}).scalar():
            raise RequestRunningError(key)
