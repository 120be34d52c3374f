"""Fixtures of the tests of servicekit: a service of notes, on both engines."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kit_harness.notes import NotesStore, create_notes, migrate
from servicekit.testing.careful import careful_client
from servicekit.testing.databases import ENGINES, Databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Databases:
    return Databases(tmp_path_factory.mktemp("notes"), postgres_url, "notes", migrate)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, databases: Databases) -> str:
    """A fresh migrated database."""
    return databases.migrated(engine_name)


@pytest.fixture
def store(database_url: str) -> Iterator[NotesStore]:
    store = NotesStore(database_url)
    yield store
    store.engine.dispose()


@pytest.fixture
def client(databases: Databases) -> Iterator[FlaskClient]:
    """Requests without a socket, on SQLite: what the web room does, it does on either engine."""
    store = NotesStore(databases.migrated("sqlite"))
    yield careful_client(create_notes(store))
    store.engine.dispose()
