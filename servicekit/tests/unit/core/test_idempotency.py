"""Requests that happen once, on both engines."""

import threading

import pytest

from kit_harness.notes import NoNoteError, Notes, NotesStore
from servicekit.core.errors import KeyReusedError, RequestRunningError
from servicekit.core.idempotency import Answer, RequestKey, once
from servicekit.core.values import NOWHERE

REQUEST = RequestKey("key", "print")


def refuse(error: Exception) -> Answer | None:
    return Answer(409, {}, "no") if isinstance(error, NoNoteError) else None


def ask(store: NotesStore, text: str, request: RequestKey = REQUEST) -> Answer:
    return store.write(
        lambda tx: once(tx, request, lambda: Answer(201, {"X": "1"}, tx.add(text)["id"]), refuse, 1), NOWHERE
    )


def count(store: NotesStore) -> int:
    return store.read(lambda tx: len(tx.page(100, None, "")))


def test_the_second_time_is_a_replay(store: NotesStore) -> None:
    first, again = ask(store, "a"), ask(store, "a")
    assert (again.status, again.headers, again.body) == (201, {"X": "1"}, first.body)
    assert (first.is_replay, again.is_replay, count(store)) == (False, True, 1)


def test_a_refusal_is_an_answer_too_and_its_work_is_undone(store: NotesStore) -> None:
    def half(tx: Notes) -> Answer:
        tx.add("half")
        raise NoNoteError

    def run() -> Answer:
        return store.write(lambda tx: once(tx, REQUEST, lambda: half(tx), refuse, 1), NOWHERE)

    assert (run().status, run().status, run().is_replay, count(store)) == (409, 409, True, 0)


def test_a_bug_is_no_answer_and_leaves_nothing(store: NotesStore) -> None:
    def bug(tx: Notes) -> Answer:
        tx.add("half")
        raise KeyError

    with pytest.raises(KeyError):
        store.write(lambda tx: once(tx, REQUEST, lambda: bug(tx), refuse, 1), NOWHERE)
    assert (count(store), ask(store, "a").is_replay) == (0, False)


def test_a_key_stands_for_one_request(store: NotesStore) -> None:
    ask(store, "a")
    with pytest.raises(KeyReusedError):
        ask(store, "b", RequestKey("key", "other print"))
    assert ask(store, "b", RequestKey("other key", "other print")).status == 201


def test_twins_at_once_have_one_effect(store: NotesStore) -> None:
    answers: list[str] = []
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        try:
            answers.append(ask(store, "a").body)
        except RequestRunningError:
            answers.append("running")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers) - {"running"}) == 1
    assert (len(answers), count(store)) == (4, 1)


def test_old_answers_are_forgotten(store: NotesStore) -> None:
    ask(store, "a")
    store.write(lambda tx: tx.idempotency.forget(1), NOWHERE)
    assert ask(store, "a").is_replay
    store.write(lambda tx: tx.idempotency.forget(2), NOWHERE)
    assert ask(store, "b").is_replay is False
