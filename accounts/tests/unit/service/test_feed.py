"""The feed, on both engines."""

import gzip
import json
import threading
from typing import Any

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import FeedResetError, NotFoundError
from accounts.service import feed, peppers, roles
from accounts_harness.making import SOMEBODY, make_client, make_key


def lines(services: Services) -> list[dict[str, Any]]:
    taken = feed.snapshot(services.store, services.peppers.all())
    return [json.loads(line) for line in gzip.decompress(taken.body).splitlines()]


def test_a_snapshot_is_everything_with_clients_last(services: Services) -> None:
    client = make_client(services, "Ünïted")
    made = make_key(services, client)
    services.store.write(lambda tx: roles.create(tx, "reader", (), 1))
    head, *found = lines(services)
    state = services.store.read(lambda tx: tx.feed.state())
    assert head == {"epoch": state.epoch, "seq": state.last, "records": 3}
    assert [(line["kind"], line["id"]) for line in found] == [
        ("pepper", "1"),
        ("role", "reader"),
        ("client", client.id),
    ]
    assert found[2]["record"]["keys"][0]["id"] == made.key.id
    assert found[2]["record"]["name"] == "Ünïted"


def test_changes_follow_each_other(services: Services) -> None:
    epoch = services.store.read(lambda tx: tx.feed.state()).epoch
    first = make_client(services, "a")
    second = make_client(services, "b")
    make_key(services, first)
    found = services.store.read(lambda tx: feed.changes(tx, epoch, 1))
    assert [(change.seq, change.id) for change in found] == [(2, first.id), (3, second.id), (4, first.id)]
    # The state at the time of reading: the earlier change of the first client shows its key already.
    assert '"keys"' in (found[0].record or "")
    assert json.loads(feed.change_text(found[1])) == {
        "seq": 3,
        "kind": "client",
        "id": second.id,
        "record": {"id": second.id, "name": "b"},
    }
    assert services.store.read(lambda tx: feed.changes(tx, epoch, 4)) == ()
    for wrong in ((epoch, 5), ("other", 4)):
        with pytest.raises(FeedResetError):
            services.store.read(lambda tx, wrong=wrong: feed.changes(tx, *wrong))


def test_a_pepper_is_told_from_its_file(services: Services) -> None:
    peppers.rotate(services.store, services.peppers, SOMEBODY)
    state = services.store.read(lambda tx: tx.feed.state())
    change = services.store.read(lambda tx: feed.changes(tx, state.epoch, state.last - 1))[0]
    told = feed.with_pepper(change, services.peppers.all())
    assert json.loads(told.record or "")["version"] == 2
    assert feed.with_pepper(change, {}).record is None


def test_one_client_can_be_asked_for(services: Services) -> None:
    client = make_client(services)
    key = make_key(services, client).key
    for asked in ((key.id, None), (None, client.id)):
        state, record = services.store.read(lambda tx, asked=asked: feed.ask(tx, *asked))
        assert json.loads(record)["id"] == client.id
        assert state.last == 3
    for wrong in (("0" * 12, None), (None, "cl_" + "0" * 18), (None, "x"), ("\x00", None)):
        with pytest.raises(NotFoundError):
            services.store.read(lambda tx, wrong=wrong: feed.ask(tx, *wrong))


def test_last_use_only_grows_and_is_never_ahead(services: Services) -> None:
    client = make_client(services)
    key = make_key(services, client).key
    now = services.clock()

    def used(at: int) -> int | None:
        services.store.write(lambda tx: feed.used(tx, {key.id: at, "0" * 12: at, "junk": at}, now))
        return services.store.read(lambda tx: tx.keys.of_client(client.id))[0].last_used_at

    assert [used(50), used(40), used(60), used(2 * now)] == [50, 50, 60, now // 1_000_000]


def test_readers_beside_writers_see_each_number_once_and_in_order(services: Services) -> None:
    epoch = services.store.read(lambda tx: tx.feed.state()).epoch
    done = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        after = 1
        while True:
            is_last = done.is_set()
            found = services.store.read(lambda tx, after=after: feed.changes(tx, epoch, after))
            seen.extend(change.seq for change in found)
            after = seen[-1] if seen else 1
            if is_last and not found:
                return

    def write(writer: int) -> None:
        for number in range(15):
            make_client(services, f"{writer} {number}")

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    reader = threading.Thread(target=follow)
    for thread in (reader, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert seen == list(range(2, 47))
    assert list(services.verify()) == []
