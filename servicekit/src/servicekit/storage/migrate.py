"""Bring a database to the newest schema, and tell whether it is there.

A service's migrations are a package directory `migrations` with Alembic's `versions` and an `env.py` of one call:
`servicekit.storage.migrate.run_from_environment()`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources as package_files
from typing import Any

from alembic import command, context
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from servicekit.core.errors import StoreUnavailableError
from servicekit.storage.engine import WRITES
from servicekit.storage.transactions import reason

_LOCK = int.from_bytes(hashlib.sha256(b"servicekit migrations").digest()[:8], "big", signed=True)


class Migrations:
    """The migrations in `package`, the room of the service that owns the directory; `program` is its command."""

    def __init__(self, package: str, program: str) -> None:
        self._package = package
        self._program = program

    def run(self, engine: Engine, revision: str = "head") -> None:
        """Run every migration up to `revision` that the database has not seen: none twice, and all or none.

        Programs that migrate one database at once wait for each other. Raises StoreUnavailableError, also for a schema
        that is none of these migrations'.
        """
        config = self._config()
        try:
            writing = engine.execution_options(**{WRITES: True})
            with writing.connect() as connection, _unreferenced(connection), connection.begin():
                _wait_for_others(connection)
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
        except CommandError as error:
            detail = f"its schema is of a newer {self._program}, or of another program: {error}"
            raise StoreUnavailableError(detail) from None
        except DBAPIError as error:
            raise StoreUnavailableError(reason(error)) from error

    def problem(self, engine: Engine) -> str | None:
        """None when the schema is the one this code needs, else a sentence on what to do.

        Raises StoreUnavailableError.
        """
        scripts = ScriptDirectory.from_config(self._config())
        wanted = scripts.get_current_head()
        try:
            with engine.connect() as connection:
                current = MigrationContext.configure(connection).get_current_revision()
        except DBAPIError as error:
            raise StoreUnavailableError(reason(error)) from error
        if current == wanted:
            return None
        if current is not None and all(script.revision != current for script in scripts.walk_revisions()):
            return f"the database has schema {current}, which is of a newer {self._program} or of another program"
        state = "has no schema yet" if current is None else f"has schema {current}, this program needs {wanted}"
        return f"the database {state}: run `{self._program} migrate`"

    def _config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(package_files.files(self._package) / "migrations"))
        return config


def run_from_environment() -> None:
    """What `env.py` does for Alembic: the caller brings the connection and owns the transaction."""
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True, render_as_batch=True)
    context.run_migrations()


def _wait_for_others(connection: Connection) -> None:
    """On SQLite whoever begins to write has waited already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


@contextmanager
def _unreferenced(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which its foreign keys would forbid; they are proved afterwards."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        driver.execute("PRAGMA foreign_keys = ON")
    if broken:
        raise StoreUnavailableError(f"the migration left dangling references in {sorted({row[0] for row in broken})}")
