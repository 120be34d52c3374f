"""What the feed's reader makes of an accounts that answers well, badly, late, twice, in disorder, or not at all."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from gateway_harness.controlling import until
from gateway_harness.replicas import (
    EPOCH,
    change,
    client_item,
    client_record,
    fill,
    gone,
    item,
    new_store,
    pepper_record,
)
from moongate.control.accounts.answers import AccountsFailed, Change, Changes, EpochChanged, Refused
from moongate.control.accounts.feed import PAGE, Feed, in_order
from moongate.control.accounts.store import Position
from moongate.control.accounts.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
    from pathlib import Path

    from moongate.control.accounts.rows import Item


class Script:
    """Accounts as a list of what it answers to ``changes``; then it keeps still. Each snapshot holds ``lines``."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.answers: list[Changes | Exception] = []
        self.asked: list[tuple[str, int, int]] = []
        self.snapshots = 0

    def state(self, *items: Item, seq: int = 1, epoch: str = EPOCH, records: int | None = None) -> None:
        items = (item("pepper", "1", pepper_record()), *items)
        head = {"epoch": epoch, "seq": seq, "records": len(items) if records is None else records}
        self.lines = [msgspec.json.encode(each) for each in (head, *(each._asdict() for each in items))]

    def say(self, *changes: Change, seq: int | None = None, epoch: str = EPOCH) -> None:
        last = seq if seq is not None else changes[-1].seq if changes else 1
        self.answers.append(Changes(epoch, last, list(changes)))

    async def snapshot(self) -> AsyncGenerator[list[bytes], None]:
        self.snapshots += 1
        yield self.lines[:1]
        yield []
        yield self.lines[1:]

    async def changes(self, epoch: str, after: int, wait: int) -> Changes:
        self.asked.append((epoch, after, wait))
        if not self.answers:
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Room:
    """A feed, all that it tells, and whom it follows."""

    def __init__(self, directory: Path) -> None:
        self.script = Script()
        self.writer = Writer(new_store(directory))
        self.store = self.writer.store
        self.said: list[str] = []
        self.told: list[tuple[str, Any]] = []
        self.feed = Feed(self.script, self.writer, self, self.said.append)

    def opened(self) -> None:
        self.told.append(("opened", self.store.position))

    def changed(self, clients: Sequence[str], contact: float) -> None:
        self.told.append(("changed", list(clients)))
        if contact > 0:
            self.contacted(contact)

    def contacted(self, contact: float) -> None:
        self.told.append(("contact", None))

    def has_said(self, text: str) -> bool:
        return any(text in line for line in self.said)

    async def settled(self) -> None:
        """Every answer of the script is taken."""
        await until(lambda: not self.script.answers and self.script.asked, "all was taken")
        calls = len(self.script.asked)
        await until(lambda: len(self.script.asked) >= calls, "asked again")
        for _ in range(3):
            await self.writer.do(lambda: None)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def following(directory: Path, *items: Item, filled: bool = True) -> AsyncIterator[Room]:
    room = Room(directory)
    if filled:
        fill(room.store, *items)
    task = asyncio.ensure_future(room.feed.follow())
    try:
        yield room
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await room.writer.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


def test_from_nothing_to_a_snapshot_to_changes(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path, filled=False) as room:
            room.script.state(client_item(1))
            room.script.say(seq=1)
            room.script.say(change(2, client_item(2)))
            await room.settled()
            assert room.told == [
                ("opened", Position(EPOCH, 1)),
                ("contact", None),
                ("changed", ["c2"]),
                ("contact", None),
            ]
            assert room.script.asked == [(EPOCH, 1, 0), (EPOCH, 1, 2), (EPOCH, 2, 2)]
            assert room.said == ["accounts: a snapshot of 2 records was taken, at e1.1"]
            assert room.feed.is_up

    run(follow())


def test_a_replica_that_is_there_needs_no_snapshot(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path, client_item(1)) as room:
            room.script.say(seq=1)
            await room.settled()
            assert room.script.snapshots == 0
            assert room.said == []

    run(follow())


def test_behind_by_more_than_a_page_is_no_contact_yet(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            room.script.say(change(2, client_item(2)), seq=3)
            room.script.say(change(3, client_item(3)), seq=3)
            await room.settled()
            assert room.told == [("changed", ["c2"]), ("changed", ["c3"]), ("contact", None)]
            assert [wait for _, _, wait in room.script.asked] == [0, 0, 2]

    run(follow())


def test_a_full_page_may_not_be_the_last(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            room.script.say(*(change(2 + n, gone("client", f"c{n}")) for n in range(PAGE)))
            room.script.say(seq=1 + PAGE)
            await room.settled()
            assert [what for what, _ in room.told] == ["changed", "contact"]
            assert [wait for _, _, wait in room.script.asked] == [0, 0, 2]

    run(follow())


def test_one_that_lets_nobody_wait_is_not_asked_without_pause(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            for _ in range(1000):
                room.script.say(seq=1)
            await asyncio.sleep(0.3)
            assert 2 <= len(room.script.asked) <= 5

    run(follow())


def test_a_role_changes_everything(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            room.script.say(change(2, item("role", "r", {"name": "r"})))
            await room.settled()
            assert room.told == [("opened", Position(EPOCH, 2))]

    run(follow())


def test_what_is_there_already_is_passed_over(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            room.script.say(change(1, client_item(9)), change(2, client_item(2)))
            room.script.say(change(1, client_item(9)), change(2, gone("client", "c2")), seq=2)
            await room.settled()
            assert room.told == [("changed", ["c2"]), ("contact", None), ("contact", None)]
            assert room.store.position == Position(EPOCH, 2)

    run(follow())


DISORDER: dict[str, Changes | Exception] = {
    "a-gap": Changes(EPOCH, 3, [change(3, client_item(3))]),
    "a-gap-inside": Changes(EPOCH, 4, [change(2, client_item(2)), change(4, client_item(4))]),
    "out-of-order": Changes(EPOCH, 3, [change(3, client_item(3)), change(2, client_item(2))]),
    "nothing-where-something-was": Changes(EPOCH, 5, []),
    "back-in-time": Changes(EPOCH, 0, []),
    "another-epoch": Changes("e2", 1, []),
    "409": EpochChanged("has another history than the replica"),
}


@pytest.mark.parametrize("answer", DISORDER.values(), ids=DISORDER)
def test_what_can_not_be_followed_is_taken_anew(tmp_path: Path, answer: Changes | Exception) -> None:
    async def follow() -> None:
        async with following(tmp_path, client_item(1)) as room:
            room.script.state(client_item(7), seq=9, epoch="e2")
            room.script.answers.append(answer)
            room.script.say(seq=9, epoch="e2")
            await room.settled()
            assert room.script.snapshots == 1
            assert room.told == [("opened", Position("e2", 9)), ("contact", None)]
            assert room.has_said("a new snapshot is taken")

    run(follow())


def test_one_that_always_says_409_is_not_asked_without_pause(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            room.script.state()
            room.script.answers += [EpochChanged("has another history than the replica")] * 1000
            await asyncio.sleep(0.4)
            assert 1 <= room.script.snapshots <= 10

    run(follow())


@pytest.mark.parametrize("records", [2, 4], ids=["too-many", "too-few"])
def test_a_snapshot_that_is_not_whole_is_not_used(tmp_path: Path, records: int) -> None:
    async def follow() -> None:
        async with following(tmp_path, client_item(1)) as room:
            room.script.state(client_item(7), client_item(8), seq=9, epoch="e2", records=records)
            room.script.answers.append(EpochChanged("has another history than the replica"))
            await until(lambda: room.script.snapshots >= 2, "it tried again")
            assert room.store.position == Position(EPOCH, 1)
            assert room.told == []
            room.script.state(client_item(7), client_item(8), seq=9, epoch="e2")
            await until(lambda: room.told, "it went well")
            assert room.store.position == Position("e2", 9)

    run(follow())


def test_an_outage_is_told_once_and_its_end(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            room.script.answers += [AccountsFailed("cannot be reached: refused")] * 4
            room.script.say(seq=1)
            room.script.say(seq=1)
            await room.settled()
            assert len(room.said) == 2
            assert "accounts cannot be reached: refused" in room.said[0]
            assert room.said[1] == "accounts is followed again"
            assert [wait for _, _, wait in room.script.asked][:6] == [0, 0, 0, 0, 0, 2]

    run(follow())


def test_a_wrong_token_is_told_with_what_to_do(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            room.script.answers += [Refused("refuses this gateway's token (401)")] * 3
            await until(lambda: room.said, "it was told")
            await asyncio.sleep(0.3)
            assert len(room.script.asked) == 1
            assert len(room.said) == 1
            assert "accounts gateway create" in room.said[0]

    run(follow())


def test_garbage_in_a_change_changes_nothing(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path, client_item(1)) as room:
            room.script.say(change(2, gone("client", "c1")), change(3, item("plan", "p", [])))
            room.script.say(change(2, client_item(2)))
            await room.settled()
            assert room.has_said("plan 'p' that is none")
            assert room.told == [("changed", ["c2"]), ("contact", None)]
            assert room.has_said("followed again")

    run(follow())


def test_a_client_that_is_none_is_told_and_goes(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path, client_item(1)) as room:
            room.script.say(change(2, item("client", "c1", {**client_record(1), "roles": 7})))
            await room.settled()
            assert room.told[0] == ("changed", ["c1"])
            assert room.has_said("'c1'")

    run(follow())


def test_a_file_that_breaks_is_written_anew(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path, client_item(1)) as room:
            room.script.state(client_item(1), seq=5)
            room.feed.start_again("disk image is malformed")
            room.script.say(seq=5)
            await until(lambda: ("opened", Position(EPOCH, 5)) in room.told, "there is a new one")
            assert room.has_said("is broken and is written anew: disk image is malformed")

    run(follow())


def test_a_second_gateway_that_was_faster(tmp_path: Path) -> None:
    async def follow() -> None:
        async with following(tmp_path) as room:
            other = new_store(tmp_path)
            other.apply(Position(EPOCH, 1), 2, [change(2, client_item(2))], other.contact)  # type: ignore[arg-type]
            other.close()
            room.script.say(change(2, client_item(2)))
            room.script.say(seq=2)
            await room.settled()
            assert ("opened", Position(EPOCH, 2)) in room.told

    run(follow())


def test_a_fault_of_ours_does_not_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moongate.control.accounts.feed.BACKOFF_LAST_SECONDS", 0.01)

    async def follow() -> None:
        faults: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context["exception"]))
        async with following(tmp_path) as room:
            room.script.answers.append(ZeroDivisionError())
            room.script.say(change(2, client_item(2)))
            await room.settled()
            assert ("changed", ["c2"]) in room.told
            assert [type(fault) for fault in faults] == [ZeroDivisionError]

    run(follow())


def test_in_order_keeps_what_follows() -> None:
    changes = [change(n, client_item(n)) for n in (4, 5, 6, 7)]
    assert [each.seq for each in in_order(Position(EPOCH, 5), Changes(EPOCH, 7, changes))] == [6, 7]
    with pytest.raises(EpochChanged):
        in_order(Position(EPOCH, 5), Changes(EPOCH, 8, changes[:2]))
