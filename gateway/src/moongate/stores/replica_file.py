"""The replica's file: what stands where in it, and the few questions that a request asks of it.

SQLite in WAL mode: control writes, in transactions, while workers read; each read is one statement of its own, so that
it sees one committed state and holds none of them back. Records are kept as accounts sent them.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

APPLICATION_ID: Final = 0x4D4F4F4E  # "MOON"
SCHEMA_VERSION: Final = 1
KEY: Final = "key"
CERTIFICATE: Final = "certificate"

SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE client (id TEXT PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE credential (kind TEXT, id TEXT, client TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX credential_client ON credential (client);
CREATE TABLE shared (kind TEXT, id TEXT, record BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
"""
"""``credential`` leads from a key's id or a certificate's subject to its client; ``shared`` holds roles, plans and
peppers (sealed), by their kind."""

_BUSY_SECONDS: Final = 0.05  # only a writer that recovers from a crash makes a reader wait
_BY_CREDENTIAL: Final = (
    "SELECT client.id, client.record FROM credential JOIN client ON client.id = credential.client"
    " WHERE credential.kind = ? AND credential.id = ?"
)
_BY_ID: Final = "SELECT id, record FROM client WHERE id = ?"
_SHARED: Final = "SELECT record FROM shared WHERE kind = ? AND id = ?"


class ReplicaReader:
    """Reads one file. Every question may raise sqlite3.Error."""

    def __init__(self, path: str) -> None:
        """Raises sqlite3.Error where it cannot be opened."""
        uri = f"{Path(path).absolute().as_uri()}?mode=ro"
        self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
        self._ask = self._connection.execute

    def client_of(self, kind: str, credential: str) -> tuple[str, bytes] | None:
        """The id and the record of the client that has this credential."""
        row: tuple[str, bytes] | None = self._ask(_BY_CREDENTIAL, (kind, credential)).fetchone()
        return row

    def client(self, client_id: str) -> tuple[str, bytes] | None:
        row: tuple[str, bytes] | None = self._ask(_BY_ID, (client_id,)).fetchone()
        return row

    def shared(self, kind: str, name: str) -> bytes | None:
        """The record of a role or a plan."""
        row: tuple[bytes] | None = self._ask(_SHARED, (kind, name)).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        self._connection.close()
