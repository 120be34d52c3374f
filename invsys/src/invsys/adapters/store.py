"""The store: work in transactions on the rows of the inventory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine

from invsys.adapters.allocation_rows import SqlAllocationRows
from invsys.adapters.change_rows import SqlChanges
from invsys.adapters.kind_rows import SqlKindRows
from invsys.adapters.occupancy_rows import SqlOccupancyRows
from invsys.adapters.resource_rows import SqlResourceRows
from invsys.adapters.tables import answers, secrets
from invsys.service.ports import Transaction
from servicekit.core.values import NOWHERE, Clock, Origin
from servicekit.storage.answer_rows import AnswerStatements, SqlIdempotencyRows
from servicekit.storage.tables import read_secret
from servicekit.storage.transactions import Transactions

T = TypeVar("T")

_ANSWERS = AnswerStatements(answers)


class SqlTransaction:
    """The port `Transaction` on one connection."""

    def __init__(self, connection: Connection, origin: Origin, clock: Clock) -> None:
        self._connection = connection
        self.kinds = SqlKindRows(connection)
        self.resources = SqlResourceRows(connection)
        self.allocations = SqlAllocationRows(connection)
        self.occupancy = SqlOccupancyRows(connection)
        self.changes = SqlChanges(connection, origin, clock)
        self.idempotency = SqlIdempotencyRows(connection, _ANSWERS)

    def secret(self, name: str) -> bytes:
        return read_secret(self._connection, secrets, name)

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
        self._transactions = Transactions(engine)
        self._clock = clock

    def read(self, work: Callable[[Transaction], T]) -> T:
        def run(connection: Connection) -> T:
            return work(SqlTransaction(connection, NOWHERE, self._clock))

        return self._transactions.read(run)

    def write(self, work: Callable[[Transaction], T], origin: Origin = NOWHERE) -> T:
        def run(connection: Connection) -> T:
            transaction = SqlTransaction(connection, origin, self._clock)
            result = work(transaction)
            transaction.changes.flush()
            return result

        return self._transactions.write(run)
