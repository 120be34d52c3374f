"""Bring a database to the newest schema, and tell whether it is there."""

from importlib import resources as package_files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
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
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except DBAPIError as error:
        raise StoreUnavailableError(reason(error)) from error


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
