"""Engines."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from servicekit.core.errors import SettingError
from servicekit.storage.engine import WRITES, build_engine, database_url


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://host/db", "http://x"])
def test_what_is_no_usable_database_is_refused(url: str) -> None:
    with pytest.raises(SettingError) as refused:
        database_url(url, "notes")
    assert refused.value.name == "NOTES_DATABASE_URL"


def test_sqlite_is_set_up_for_many_processes(tmp_path: Path) -> None:
    engine = build_engine(f"sqlite:///{tmp_path / 'a.db'}", 2, "notes")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1}


def test_a_writing_transaction_queues_before_it_reads(tmp_path: Path) -> None:
    """Each of two writers reads a number and writes one more: with BEGIN DEFERRED one of them would be lost or fail."""
    engine = build_engine(f"sqlite:///{tmp_path / 'a.db'}", 8, "notes")
    writing = engine.execution_options(**{WRITES: True})
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    def count() -> None:
        for _ in range(50):
            with writing.begin() as connection:
                seen = connection.execute(text("SELECT n FROM counter")).scalar_one()
                connection.execute(text("UPDATE counter SET n = :n"), {"n": seen + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar_one() == 200
    engine.dispose()
