"""Numbers in the order of commits, on both engines."""

import threading

import pytest

from kit_harness.notes import NUMBERS, Notes, NotesStore
from servicekit.core.values import NOWHERE


def test_a_transaction_that_fails_leaves_no_gap(store: NotesStore) -> None:
    def work(tx: Notes, fail: bool) -> int:
        first = NUMBERS.take(tx.connection, 2)
        if fail:
            raise KeyError
        return first

    assert store.write(lambda tx: work(tx, False), NOWHERE) == 1
    with pytest.raises(KeyError):
        store.write(lambda tx: work(tx, True), NOWHERE)
    assert store.write(lambda tx: work(tx, False), NOWHERE) == 3
    assert store.read(lambda tx: NUMBERS.last(tx.connection)) == 4


def test_a_reader_never_sees_a_number_before_a_lower_one(store: NotesStore) -> None:
    """While three write, each read must show exactly the numbers up to its highest: none may appear below it later."""
    done = threading.Event()
    torn: list[list[int]] = []

    def write() -> None:
        for _ in range(25):
            store.write(lambda tx: tx.add("x"), NOWHERE)

    def read() -> None:
        while not done.is_set():
            seen = [row["seq"] for row in store.read(lambda tx: tx.page(500, None, ""))]
            if seen != list(range(1, len(seen) + 1)):
                torn.append(seen)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write) for _ in range(3)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert torn == []
    assert store.read(lambda tx: NUMBERS.last(tx.connection)) == 75
