"""Engines: how a connection to SQLite or PostgreSQL is opened, pooled and begun.

SQLite lets one writer in at a time, and its driver begins a transaction only at the first write: two transactions
that read and then write both see the old state. So each transaction begins by an explicit statement here: BEGIN
IMMEDIATE where it will write (it queues before it reads), BEGIN where it only reads.
"""

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from servicekit.core.errors import SettingError

WRITES = "servicekit_writes"
"""Execution option of a connection whose transaction is going to write."""
BUSY_TIMEOUT_MS = 5_000
"""How long a writer queues before 503; a write takes about 1 ms, so this is thousands of writers deep."""
POOL_TIMEOUT_S = 5.0


def database_url(text: str, program: str) -> URL:
    """Parse the database URL of a program. Raises SettingError for one that is no URL or names another engine."""
    setting = f"{program.upper()}_DATABASE_URL"
    try:
        url = make_url(text)
    except (ValueError, ArgumentError):  # its text would repeat the URL, and a URL may hold a password
        raise SettingError(setting, "is not a database URL") from None
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise SettingError(setting, f"names no file: use sqlite:///path/to/{program}.db")
        return url.set(drivername="sqlite+pysqlite")
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise SettingError(setting, "must begin with sqlite:/// or postgresql://")


def build_engine(text: str, connections: int, program: str) -> Engine:
    """An engine with a pool of at most `connections`. Nothing is opened yet. Raises SettingError."""
    url = database_url(text, program)
    pool = {"pool_size": connections, "max_overflow": 0, "pool_timeout": POOL_TIMEOUT_S}
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, connect_args=_postgres_arguments(program), **pool)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself; _begin_sqlite does
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # what was answered survives a power cut
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres_arguments(program: str) -> dict[str, Any]:
    # READ COMMITTED is enough: services write the row that rivals queue at first. The timeouts bound what one stuck
    # session can hold up; a statement of ours takes milliseconds.
    settings = "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=15000"
    return {"connect_timeout": 3, "options": settings, "application_name": program}
