"""Databases for tests."""

from sqlalchemy import text

from kit_harness.notes import NotesStore
from servicekit.core.values import NOWHERE
from servicekit.testing.databases import Databases


def test_each_is_fresh_and_migrated(engine_name: str, databases: Databases) -> None:
    for _ in range(2):
        store = NotesStore(databases.migrated(engine_name))
        assert store.read(lambda tx: tx.page(10, None, "")) == []
        store.write(lambda tx: tx.add("x"), NOWHERE)
        assert store.read(lambda tx: tx.connection.execute(text("SELECT count(*) FROM notes")).scalar()) == 1
        store.engine.dispose()
