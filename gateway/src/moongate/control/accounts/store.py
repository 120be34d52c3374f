"""The replica's file, written: whole states in one transaction, changes in theirs, each with its place in the feed.

Blocking; whoever calls does so in a thread, one call after the other.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from moongate.control.accounts.moment import Moment
from moongate.control.accounts.place import PlaceInvalid, clear_place, take_place
from moongate.control.accounts.rows import CLIENT, PEPPER, Item, Rows, place_of
from moongate.control.accounts.sealing import SALT_BYTES, Seal, Unsealable, derived
from moongate.stores.replica_file import APPLICATION_ID, SCHEMA, SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from moongate.control.accounts.answers import Change

_BUSY_SECONDS: Final = 2.0
_PRAGMAS: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -16384;
PRAGMA journal_size_limit = 67108864;
"""
# NORMAL: after a power failure the file holds some earlier state, and the feed goes on from there.


class StoreFailed(Exception):  # noqa: N818 - what happened
    """The file can not be written at present; says why."""


class StoreBroken(Exception):  # noqa: N818 - what happened
    """What the file holds can not be relied on; says why."""


class Position(NamedTuple):
    """How far in which history."""

    epoch: str
    seq: int


class Applied(NamedTuple):
    """What a transaction did: where the file stands now, the clients that it changed, whether that is not all, and
    lines about records that are none."""

    position: Position
    clients: Sequence[str] = ()
    everything: bool = False
    problems: Sequence[str] = ()


class ReplicaStore:
    """The file at ``path``, for accounts at ``url`` as it is known by ``token``.

    ``position`` is None while it holds no state; ``contact`` is when accounts was heard. ``discarded`` says why what
    was there before could not be used.
    """

    def __init__(self, path: str, url: str, token: str) -> None:
        """Raises PlaceInvalid."""
        self.path = path
        self._url = url
        self._token = token
        self.discarded = ""
        self.position: Position | None = None
        self.contact: Moment | None = None
        self.peppers: dict[int, bytes] = {}
        self.is_in_snapshot = False
        take_place(path)
        try:
            if Path(path).stat().st_size:
                self._connection, self._seal = self._existing()
                return
        except (sqlite3.Error, StoreBroken) as error:
            self.discarded = str(error)
        self._connection, self._seal = self._new()

    def start_again(self) -> None:
        """Throw everything away. Raises PlaceInvalid."""
        self._connection.close()
        self._connection, self._seal = self._new()

    def begin_snapshot(self) -> None:
        """From now until `end_snapshot` or `abandon_snapshot` a whole new state is written that nobody sees."""
        with _judged():
            self._connection.execute("BEGIN IMMEDIATE")
            self.is_in_snapshot = True
            self._rows().clear()

    def add(self, items: Iterable[Item]) -> list[str]:
        """Records of the new state; lines about those that are none. Raises Nonsense, StoreFailed, StoreBroken."""
        rows = self._rows()
        with _judged():
            for item in items:
                rows.put(item)
        return rows.problems

    def end_snapshot(self, position: Position, now: Moment) -> None:
        """The new state is whole: everybody sees it."""
        with _judged():
            self._set_position(position, now)
            self._connection.execute("COMMIT")
            self.is_in_snapshot = False
            self.position, self.contact = position, now
            self.peppers = self._read_peppers()
        with contextlib.suppress(sqlite3.Error):  # it is for the size of the file alone
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def abandon_snapshot(self) -> None:
        """The new state is not wanted: everything is as it was."""
        self.is_in_snapshot = False
        with _judged():
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def apply(self, at: Position, seq: int, changes: Sequence[Change], now: Moment) -> Applied:
        """Take the ``changes`` that lead from ``at`` to ``seq``. Raises Nonsense, StoreFailed, StoreBroken.

        Where the file stands elsewhere, because a second gateway writes it as well, nothing is done.
        """
        with self._transaction():
            found = self._read_position()
            if found != at:
                if found is None:
                    raise StoreBroken("another program emptied it")
                self.position = found
                self.peppers = self._read_peppers()
                return Applied(found, everything=True)
            rows = self._rows()
            for change in changes:
                rows.put(Item(change.kind, change.id, change.record))
            position = Position(at.epoch, seq)
            self._set_position(position, now)
            if any(change.kind == PEPPER for change in changes):
                self.peppers = self._read_peppers()
        self.position, self.contact = position, now
        clients = list(dict.fromkeys(change.id for change in changes if change.kind == CLIENT))
        return Applied(position, clients, any(change.kind != CLIENT for change in changes), rows.problems)

    def absorb(self, seq: int, item: Item) -> bool:
        """Take one client as of ``seq``, unless the file is as new; whether it did."""
        if self.position is None or self.position.seq >= seq or self.is_in_snapshot:
            return False
        with self._transaction():
            self._rows().put(item)
        return True

    def touch(self, now: Moment) -> None:
        """Accounts was heard."""
        self.contact = now
        if self.position is not None and not self.is_in_snapshot:
            with self._transaction():  # the place stays: a second gateway may be further
                self._connection.execute(_PUT_META, ("contact", msgspec.json.encode(now)))

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error, StoreFailed, StoreBroken):
            self.abandon_snapshot()
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _existing(self) -> tuple[sqlite3.Connection, Seal]:
        connection = _connect(self.path)
        try:
            application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _IDENTITY)
            if application != APPLICATION_ID:
                raise StoreBroken("it is no replica of accounts")
            if version != SCHEMA_VERSION:
                raise StoreBroken(f"its format is {version}, and this Moongate writes {SCHEMA_VERSION}")
            meta = dict(connection.execute("SELECT name, value FROM meta"))
            if not hmac.compare_digest(meta["source"], derived(self._token, meta["salt"], self._url)):
                raise StoreBroken("it is of another accounts, or was kept under another token")
            self._connection, self._seal = connection, Seal(derived(self._token, meta["salt"], "seal"))
            self.peppers = self._read_peppers()
            self.position = self._read_position()
            if self.position is not None:
                self.contact = msgspec.json.decode(meta["contact"], type=Moment)
        except (KeyError, TypeError, ValueError, msgspec.DecodeError):
            connection.close()
            raise StoreBroken("what it holds makes no sense") from None
        except (sqlite3.Error, StoreBroken):
            connection.close()
            raise
        return self._connection, self._seal

    def _new(self) -> tuple[sqlite3.Connection, Seal]:
        self.position = self.contact = None
        self.peppers = {}
        self.is_in_snapshot = False
        clear_place(self.path)
        take_place(self.path)
        salt = os.urandom(SALT_BYTES)
        try:
            connection = _connect(self.path)
            connection.executescript(SCHEMA)
            meta = {"salt": salt, "source": derived(self._token, salt, self._url)}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except sqlite3.Error as error:
            raise PlaceInvalid(f"cannot keep the replica of accounts in {self.path}: {error}") from None
        return connection, Seal(derived(self._token, salt, "seal"))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with _judged():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _rows(self) -> Rows:
        return Rows(self._connection, self._seal)

    def _read_position(self) -> Position | None:
        meta = dict(self._connection.execute("SELECT name, value FROM meta WHERE name IN ('epoch', 'seq')"))
        return Position(str(meta["epoch"]), int(meta["seq"])) if len(meta) == 2 else None

    def _set_position(self, position: Position, now: Moment) -> None:
        meta = {"epoch": position.epoch, "seq": position.seq, "contact": msgspec.json.encode(now)}
        self._connection.executemany(_PUT_META, meta.items())

    def _read_peppers(self) -> dict[int, bytes]:
        rows = self._connection.execute("SELECT id, record FROM shared WHERE kind = ?", (PEPPER,)).fetchall()
        try:
            return {int(version): self._seal.open(sealed, place_of(int(version))) for version, sealed in rows}
        except (Unsealable, ValueError) as error:
            raise StoreBroken(str(error)) from None


_PUT_META: Final = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
_IDENTITY: Final = ("application_id", "user_version")


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        connection.executescript(_PRAGMAS)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _judged() -> Iterator[None]:
    """SQLite's errors by what follows from them: try again, or start again."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreFailed(str(error)) from None
    except sqlite3.Error as error:
        raise StoreBroken(str(error)) from None
