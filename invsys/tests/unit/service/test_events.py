"""The feed, on both engines."""

import threading

from invsys.bootstrap.wiring import Services
from invsys.domain.kind import Kind
from invsys.service import events, resources
from invsys.service.ports import ChangeQuery
from invsys.service.resources import ResourceDraft
from servicekit.core.values import Origin

CAR, LORRY = Kind("car", "cars"), Kind("lorry", "lorries")


def make(services: Services, name: str, kind: Kind = CAR) -> str:
    origin = Origin(f"request {name}", "somebody")
    return services.store.write(lambda tx: resources.create(tx, kind, ResourceDraft(name), 1), origin).id


def test_a_reader_goes_on_from_where_it_was(services: Services) -> None:
    idents = [make(services, f"{number}") for number in range(5)]
    seen: list[str] = []
    after = 0
    for _ in range(3):
        found, after = events.read(services.store, ChangeQuery(after, 2))
        seen += [change.resource_id for change in found]
    assert seen == idents
    assert after == 5
    assert events.read(services.store, ChangeQuery(after, 2)) == ([], 5)
    assert (found[0].request_id, found[0].actor, found[0].before) == ("request 4", "somebody", None)


def test_a_filter_skips_without_reading_again(services: Services) -> None:
    for number in range(3):
        make(services, f"{number}")
    lorry = make(services, "lorry", LORRY)
    make(services, "last")
    found, after = events.read(services.store, ChangeQuery(0, 10, kind="lorry"))
    assert ([change.resource_id for change in found], after) == ([lorry], 5)
    found, after = events.read(services.store, ChangeQuery(0, 10, resource_id=lorry))
    assert ([change.seq for change in found], after) == ([4], 5)


def test_waiting_ends_with_the_next_change(services: Services) -> None:
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            make(services, "late")

    found, after = events.wait(services.store, ChangeQuery(0, 10), 5, nap)
    assert ([change.seq for change in found], after, len(naps)) == ([1], 1, 3)
    naps.clear()
    assert events.wait(services.store, ChangeQuery(1, 10), 1, naps.append) == ([], 1)
    assert sum(naps) <= 1


def test_many_writers_leave_no_gap_and_readers_see_none(services: Services) -> None:
    """A reader that follows while four write must get each number once, in order: none may appear below another."""
    done = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        after = 0
        while True:
            last_round = done.is_set()
            found, after = events.read(services.store, ChangeQuery(after, 7))
            seen.extend(change.seq for change in found)
            if last_round and not found:
                return

    def write(writer: int) -> None:
        for number in range(25):
            make(services, f"{writer} {number}")

    reader = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert seen == list(range(1, 76))
