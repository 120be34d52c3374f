"""Work in transactions, retried where the engine asks for it; a database that cannot answer has one error."""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from servicekit.core.errors import StoreUnavailableError
from servicekit.storage.engine import WRITES

T = TypeVar("T")

ATTEMPTS = 4
"""Tries of one transaction. Rows are claimed in one order, so a deadlock is rare and one more try mostly enough."""
_RETRIED = ("40001", "40P01")  # PostgreSQL: serialization failure, deadlock
_UNAVAILABLE = ("53", "57", "58")  # PostgreSQL: out of disk or memory or connections, shutting down, I/O error


class Transactions:
    """Runs work in transactions of an engine. Work may run more than once, so it must have no other effects.

    Raises StoreUnavailableError when the database cannot answer, and whatever the work raises.
    """

    def __init__(self, engine: Engine) -> None:
        self._reading = engine
        self._writing = engine.execution_options(**{WRITES: True})

    def read(self, work: Callable[[Connection], T]) -> T:
        return _run(self._reading, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Commits when `work` returns, rolls back when it raises."""
        return _run(self._writing, work)


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
