"""The store: work in transactions, retried where the engine asks for it, errors in the domain's words."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from invsys.adapters.allocation_rows import SqlAllocationRows
from invsys.adapters.engine import WRITES
from invsys.adapters.resource_rows import SqlResourceRows
from invsys.domain.errors import StoreUnavailableError
from invsys.service.ports import Transaction

T = TypeVar("T")

ATTEMPTS = 4
"""Tries of one transaction. Rows are claimed in one order, so a deadlock is rare and one more try mostly enough."""
_RETRIED = ("40001", "40P01")  # PostgreSQL: serialization failure, deadlock


class SqlTransaction:
    """The port `Transaction` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self.resources = SqlResourceRows(connection)
        self.allocations = SqlAllocationRows(connection)


class SqlStore:
    """The port `Store` on an engine."""

    def __init__(self, engine: Engine) -> None:
        self._reading = engine
        self._writing = engine.execution_options(**{WRITES: True})

    def read(self, work: Callable[[Transaction], T]) -> T:
        return _run(self._reading, work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        return _run(self._writing, work)


def reason(error: DBAPIError) -> str:
    """The first line of what the driver says; what follows it repeats the connection's settings."""
    return next(iter(str(error.orig).splitlines()), type(error.orig).__name__)


def _run(engine: Engine, work: Callable[[Transaction], T]) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with engine.begin() as connection:
                return work(SqlTransaction(connection))
        except DBAPIError as error:
            if attempt < ATTEMPTS and getattr(error.orig, "sqlstate", None) in _RETRIED:
                time.sleep(random.uniform(0.001, 0.01) * attempt)  # noqa: S311 - spreads rivals, guards nothing
                continue
            if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
                raise StoreUnavailableError(reason(error)) from error
            raise
        except PoolTimeoutError as error:
            raise StoreUnavailableError("no free database connection") from error
    raise AssertionError("unreachable: the last attempt returns or raises")
