"""The store: work in transactions, retried where the engine asks for it, errors in the domain's words."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from invsys.adapters.allocation_rows import SqlAllocationRows
from invsys.adapters.answer_rows import SqlIdempotencyRows
from invsys.adapters.change_rows import SqlChanges
from invsys.adapters.engine import WRITES
from invsys.adapters.kind_rows import SqlKindRows
from invsys.adapters.occupancy_rows import SqlOccupancyRows
from invsys.adapters.resource_rows import SqlResourceRows
from invsys.adapters.tables import secrets
from invsys.domain.errors import StoreUnavailableError
from invsys.service.ports import NOWHERE, Clock, Origin, Transaction

T = TypeVar("T")

ATTEMPTS = 4
"""Tries of one transaction. Rows are claimed in one order, so a deadlock is rare and one more try mostly enough."""
_RETRIED = ("40001", "40P01")  # PostgreSQL: serialization failure, deadlock
_UNAVAILABLE = ("53", "57", "58")  # PostgreSQL: out of disk or memory or connections, shutting down, I/O error


class SqlTransaction:
    """The port `Transaction` on one connection."""

    def __init__(self, connection: Connection, origin: Origin, clock: Clock) -> None:
        self._connection = connection
        self.kinds = SqlKindRows(connection)
        self.resources = SqlResourceRows(connection)
        self.allocations = SqlAllocationRows(connection)
        self.occupancy = SqlOccupancyRows(connection)
        self.changes = SqlChanges(connection, origin, clock)
        self.idempotency = SqlIdempotencyRows(connection)

    def secret(self, name: str) -> bytes:
        value: str = self._connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one()
        return bytes.fromhex(value)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        mark = self.changes.mark()
        try:
            with self._connection.begin_nested():
                yield
        except BaseException:
            self.changes.rewind(mark)
            raise


class SqlStore:
    """The port `Store` on an engine."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._reading = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self._clock = clock

    def read(self, work: Callable[[Transaction], T]) -> T:
        def run(connection: Connection) -> T:
            return work(SqlTransaction(connection, NOWHERE, self._clock))

        return _run(self._reading, run)

    def write(self, work: Callable[[Transaction], T], origin: Origin = NOWHERE) -> T:
        def run(connection: Connection) -> T:
            transaction = SqlTransaction(connection, origin, self._clock)
            result = work(transaction)
            transaction.changes.flush()
            return result

        return _run(self._writing, run)


def reason(error: DBAPIError) -> str:
    """The first line of what the driver says; what follows it repeats the connection's settings."""
    return next(iter(str(error.orig).splitlines()), type(error.orig).__name__)


def _run(engine: Engine, work: Callable[[Connection], T]) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if attempt < ATTEMPTS and getattr(error.orig, "sqlstate", None) in _RETRIED:
                time.sleep(random.uniform(0.001, 0.01) * attempt)  # noqa: S311 - spreads rivals, guards nothing
                continue
            if _is_unavailable(error):
                raise StoreUnavailableError(reason(error)) from error
            raise
        except PoolTimeoutError as error:
            raise StoreUnavailableError("no free database connection") from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def _is_unavailable(error: DBAPIError) -> bool:
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None) or ""
    # SQLite tells a file that is damaged or was taken away by the base class.
    return state.startswith(_UNAVAILABLE) or type(error.orig) is sqlite3.DatabaseError
