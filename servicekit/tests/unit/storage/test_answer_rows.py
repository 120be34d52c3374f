"""Stored answers in SQL."""

import pytest

from kit_harness.notes import Notes, NotesStore
from servicekit.core.errors import RequestRunningError
from servicekit.core.idempotency import StoredAnswer
from servicekit.core.values import NOWHERE

ANSWER = StoredAnswer("print", 201, {"ETag": '"1"'}, '{"ü":1}')


def test_what_is_stored_comes_back(store: NotesStore) -> None:
    store.write(lambda tx: tx.idempotency.add("key", ANSWER, 1), NOWHERE)
    assert store.read(lambda tx: tx.idempotency.find("key")) == ANSWER
    assert store.read(lambda tx: tx.idempotency.find("other")) is None


def test_on_postgresql_a_key_that_another_works_under_is_running(engine_name: str, store: NotesStore) -> None:
    if engine_name != "postgresql":
        pytest.skip("on SQLite a twin waits for the only writer there is")

    def work(tx: Notes) -> None:
        tx.idempotency.find("key")
        with pytest.raises(RequestRunningError):
            store.write(lambda other: other.idempotency.find("key"), NOWHERE)
        store.write(lambda other: other.idempotency.find("another key"), NOWHERE)

    store.write(work, NOWHERE)
    store.write(lambda tx: tx.idempotency.find("key"), NOWHERE)
