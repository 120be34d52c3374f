"""The store: the rows of every sort on one connection, in transactions of servicekit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine

from accounts.adapters.audit_rows import SqlAudit
from accounts.adapters.catalog_rows import SqlPlanRows, SqlRoleRows
from accounts.adapters.client_rows import SqlClientRows
from accounts.adapters.feed_rows import SqlFeed, count_records, stream_records
from accounts.adapters.grant_rows import SqlGrantRows
from accounts.adapters.key_rows import SqlKeyRows
from accounts.adapters.oauth_rows import SqlOAuthRows
from accounts.adapters.staff_rows import SqlAdminRows, SqlGatewayRows, SqlPepperRows
from accounts.adapters.tables import answers, secrets
from accounts.service.ports import FeedState, Record, Transaction
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
        self.origin = origin
        self.clients = SqlClientRows(connection)
        self.keys = SqlKeyRows(connection)
        self.grants = SqlGrantRows(connection)
        self.roles = SqlRoleRows(connection)
        self.plans = SqlPlanRows(connection)
        self.gateways = SqlGatewayRows(connection)
        self.admins = SqlAdminRows(connection)
        self.peppers = SqlPepperRows(connection)
        self.oauth = SqlOAuthRows(connection)
        self.feed = SqlFeed(connection, clock)
        self.audit = SqlAudit(connection, origin, clock)
        self.idempotency = SqlIdempotencyRows(connection, _ANSWERS)

    def secret(self, name: str) -> bytes:
        return read_secret(self._connection, secrets, name)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        marks = self.audit.mark(), self.feed.mark()
        try:
            with self._connection.begin_nested():
                yield
        except BaseException:
            self.audit.rewind(marks[0])
            self.feed.rewind(marks[1])
            raise


class SqlStore:
    """The port `Store` on an engine."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._transactions = Transactions(engine)
        # SQLite's readers see one state anyway.
        is_postgres = engine.dialect.name == "postgresql"
        steady = engine.execution_options(isolation_level="REPEATABLE READ") if is_postgres else engine
        self._steady = Transactions(steady)
        self._clock = clock

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self._transactions.read(lambda connection: work(SqlTransaction(connection, NOWHERE, self._clock)))

    def write(self, work: Callable[[Transaction], T], origin: Origin = NOWHERE) -> T:
        def run(connection: Connection) -> T:
            transaction = SqlTransaction(connection, origin, self._clock)
            result = work(transaction)
            # In this order everywhere, so that two never wait for each other.
            transaction.audit.flush()
            transaction.feed.flush()
            return result

        return self._transactions.write(run)

    def snapshot(self, work: Callable[[FeedState, int, Iterator[Record]], T]) -> T:
        def run(connection: Connection) -> T:
            state = SqlFeed(connection, self._clock).state()
            return work(state, count_records(connection), stream_records(connection))

        return self._steady.read(run)
