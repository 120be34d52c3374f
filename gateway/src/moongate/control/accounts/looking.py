"""The replica's file, looked at from beside the gateway: for commands, which change nothing in it."""

from __future__ import annotations

import contextlib
import hmac
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from moongate.control.accounts.rows import PEPPER, place_of
from moongate.control.accounts.sealing import Seal, Unsealable, derived
from moongate.core.clock import monotonic
from moongate.stores.replica import Replica
from moongate.stores.replica_file import APPLICATION_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moongate.compile.snapshot import AccountsPlan

_BY_NAME = "SELECT id FROM client WHERE json_extract(CAST(record AS TEXT), '$.name') = ? ORDER BY id LIMIT 1"


class LookFailed(Exception):  # noqa: N818 - a verdict about somebody's file
    """There is nothing to look at; says why, and what to do."""


class Sight(NamedTuple):
    """``replica`` as a worker sees it; the file is not followed."""

    replica: Replica
    connection: sqlite3.Connection

    def client_ids(self) -> list[str]:
        """Every client there is."""
        return [row[0] for row in self.connection.execute("SELECT id FROM client ORDER BY id")]

    def id_of(self, text: str) -> str | None:
        """The id of the client of that id, or else of that name."""
        if self.replica.find_client(text) is not None:
            return text
        row = self.connection.execute(_BY_NAME, (text,)).fetchone()
        return None if row is None else str(row[0])


@contextlib.contextmanager
def looking(plan: AccountsPlan | None) -> Iterator[Sight]:
    """Within the block the replica of ``plan`` can be looked at. Raises LookFailed."""
    if plan is None:
        raise LookFailed("the config names no `accounts`, so no client is known")
    if not Path(plan.replica).is_file():
        raise LookFailed(f"there is no replica of accounts in {plan.replica}: the gateway makes it when it runs")
    replica = Replica()
    with contextlib.ExitStack() as stack:
        stack.callback(replica.close)
        try:
            connection = stack.enter_context(contextlib.closing(_connected(plan.replica)))
            replica.opened(plan.replica, _peppers(connection, plan), plan.max_stale, monotonic())
        except (sqlite3.Error, Unsealable, KeyError, ValueError) as error:
            raise _unreadable(plan, error) from None
        try:
            yield Sight(replica, connection)
        except sqlite3.Error as error:
            raise _unreadable(plan, error) from None


def _unreadable(plan: AccountsPlan, error: Exception) -> LookFailed:
    return LookFailed(f"the replica of accounts in {plan.replica} can not be read: {error}")


def _connected(path: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)


def _peppers(connection: sqlite3.Connection, plan: AccountsPlan) -> dict[int, bytes]:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise LookFailed(f"{plan.replica} is no replica of accounts")
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    if not hmac.compare_digest(meta["source"], derived(plan.token, meta["salt"], plan.url)):
        raise LookFailed(f"the replica in {plan.replica} is of another accounts, or was kept under another token")
    seal = Seal(derived(plan.token, meta["salt"], "seal"))
    rows = connection.execute("SELECT id, record FROM shared WHERE kind = ?", (PEPPER,)).fetchall()
    return {int(version): seal.open(sealed, place_of(int(version))) for version, sealed in rows}
