"""The feed in SQL, on both engines."""

import pytest

from accounts.adapters import feed_rows
from accounts.bootstrap.wiring import Services
from accounts.service.ports import Record
from accounts_harness.making import make_client


def test_the_last_word_of_a_transaction_counts(services: Services) -> None:
    before = services.store.read(lambda tx: tx.feed.state()).last

    def work(tx: object) -> None:
        for value in (1, 2):
            tx.feed.publish("plan", "a", {"n": value})  # type: ignore[attr-defined]
        tx.feed.publish("plan", "b", {"n": 3})  # type: ignore[attr-defined]
        tx.feed.publish("plan", "b", None)  # type: ignore[attr-defined]

    services.store.write(work)
    found = services.store.read(lambda tx: tx.feed.changes(before, 10))
    assert [(change.seq - before, change.id, change.record) for change in found] == [
        (1, "a", '{"n":2}'),
        (2, "b", None),
    ]


def test_a_refused_part_tells_nothing(services: Services) -> None:
    before = services.store.read(lambda tx: (tx.feed.state(), tx.audit.last()))

    def work(tx: object) -> None:
        try:
            with tx.savepoint():  # type: ignore[attr-defined]
                tx.feed.publish("plan", "a", {})  # type: ignore[attr-defined]
                tx.audit.record("plan.created", "a", {})  # type: ignore[attr-defined]
                raise KeyError
        except KeyError:
            pass

    services.store.write(work)
    assert services.store.read(lambda tx: (tx.feed.state(), tx.audit.last())) == before


def test_a_new_epoch_begins_where_nothing_can_be_read(services: Services) -> None:
    make_client(services)
    old = services.store.read(lambda tx: tx.feed.state())
    services.store.write(lambda tx: tx.feed.renew("other"))
    new = services.store.read(lambda tx: tx.feed.state())
    assert (new.epoch, new.floor, new.last) == ("other", old.last, old.last)
    assert list(services.verify()) == []


def test_a_snapshot_is_one_state(services: Services) -> None:
    """What commits while it is read is not in it, on either engine."""
    first = make_client(services, "a")

    def work(state: object, count: int, found: object) -> tuple[int, list[Record]]:
        iterator = iter(found)  # type: ignore[call-overload]
        kept = [next(iterator)]
        make_client(services, "late")
        return count, kept + list(iterator)

    count, found = services.store.snapshot(work)
    assert (count, [record.id for record in found]) == (1, [first.id])


def test_an_answer_is_bounded_in_octets_as_well(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_rows, "MAX_CHARACTERS", 150)
    before = services.store.read(lambda tx: tx.feed.state()).last
    made = [make_client(services, f"{number}" * 60) for number in range(4)]
    found = services.store.read(lambda tx: tx.feed.changes(before, 10))
    assert [change.id for change in found] == [client.id for client in made[:2]]
    assert len(services.store.read(lambda tx: tx.feed.changes(before + 2, 10))) == 2
