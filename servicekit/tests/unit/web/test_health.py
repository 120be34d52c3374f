"""Health."""

from kit_harness.notes import MIGRATIONS, NotesStore, create_notes
from servicekit.testing.databases import Databases


def test_ready_only_with_a_database_that_has_the_schema(engine_name: str, databases: Databases) -> None:
    store = NotesStore(databases.empty(engine_name))
    client = create_notes(store).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "notes migrate" in answer.json["status"]
    MIGRATIONS.run(store.engine)
    assert client.get("/readyz").status_code == 200
    store.engine.dispose()


def test_alive_but_not_ready_without_a_database() -> None:
    client = create_notes(NotesStore("postgresql://127.0.0.1:1/none")).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
