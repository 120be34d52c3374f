"""Bring a database to the newest schema, and tell whether it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources as package_files
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from invsys.adapters.engine import WRITES
from invsys.adapters.store import reason
from invsys.domain.errors import StoreUnavailableError


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run every migration up to `revision` that the database has not seen; none twice, all or none on either engine.

    Raises StoreUnavailableError.
    """
    config = _config()
    try:
        writing = engine.execution_options(**{WRITES: True})
        with writing.connect() as connection, _unreferenced(connection), connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except DBAPIError as error:
        raise StoreUnavailableError(reason(error)) from error


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


def schema_problem(engine: Engine) -> str | None:
    """None when the schema is the one this code needs, else a sentence on what to do. Raises StoreUnavailableError."""
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise StoreUnavailableError(reason(error)) from error
    if current == wanted:
        return None
    state = "has no schema yet" if current is None else f"has schema {current}, this program needs {wanted}"
    return f"the database {state}: run `invsys migrate`"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(package_files.files("invsys.adapters") / "migrations"))
    return config
