"""Migrations."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from kit_harness.notes import MIGRATIONS
from servicekit.core.errors import StoreUnavailableError
from servicekit.storage.engine import build_engine
from servicekit.testing.databases import Databases


def test_an_empty_database_says_what_to_do_and_migrating_twice_is_fine(engine_name: str, databases: Databases) -> None:
    engine = build_engine(databases.empty(engine_name), 1, "notes")
    assert MIGRATIONS.problem(engine) == "the database has no schema yet: run `notes migrate`"
    for _ in range(2):
        MIGRATIONS.run(engine)
        assert MIGRATIONS.problem(engine) is None
    engine.dispose()


def test_a_schema_of_another_version_is_told(database_url: str) -> None:
    engine = build_engine(database_url, 1, "notes")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "has schema 9999, which is of a newer notes" in (MIGRATIONS.problem(engine) or "")
    with pytest.raises(StoreUnavailableError, match="of a newer notes, or of another program"):
        MIGRATIONS.run(engine)
    engine.dispose()


def test_programs_that_migrate_at_once_wait_for_each_other(engine_name: str, databases: Databases) -> None:
    url = databases.empty(engine_name)
    engines = [build_engine(url, 1, "notes") for _ in range(2)]
    together = Barrier(len(engines))

    def migrate(number: int) -> None:
        with engines[number].connect():  # what a first connection costs is behind them all
            pass
        together.wait(30)
        MIGRATIONS.run(engines[number])

    with ThreadPoolExecutor(len(engines)) as threads:
        list(threads.map(migrate, range(len(engines))))
    for engine in engines:
        assert MIGRATIONS.problem(engine) is None
        engine.dispose()


def test_a_database_that_is_gone_is_unavailable() -> None:
    engine = build_engine("sqlite:////nonexistent/dir/a.db", 1, "notes")
    with pytest.raises(StoreUnavailableError):
        MIGRATIONS.run(engine)
    with pytest.raises(StoreUnavailableError):
        MIGRATIONS.problem(engine)
