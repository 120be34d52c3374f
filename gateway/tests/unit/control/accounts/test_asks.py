"""One question for each credential, whoever asks; and no answer of an older day over a newer one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from gateway_harness.controlling import until
from gateway_harness.replicas import EPOCH, apply, client_record, fill, gone, new_store, public_id
from moongate.control.accounts.answers import AccountsFailed, Answer
from moongate.control.accounts.asks import MAX_FLIGHTS, Asks
from moongate.control.accounts.writer import Writer
from moongate.net.tasks import Tasks
from moongate.stores.replica import Question
from moongate.stores.replica_file import ReplicaReader

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

KEY = Question("key", public_id(1))


class Room:
    """Questions to an accounts that answers when it is told to (`asks.Oracle`), and an audience."""

    def __init__(self, directory: Path) -> None:
        self.writer = Writer(new_store(directory))
        self.tasks = Tasks()
        self.asks = Asks(self, self.writer, self, self.tasks)
        self.heard: list[Question] = []
        self.told: list[list[str]] = []
        self.replies: list[bool | None] = []
        self.go = asyncio.Event()
        self.answer: Answer | Exception | None = None

    async def ask(self, question: Question) -> Answer | None:
        self.heard.append(question)
        await self.go.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def opened(self) -> None: ...
    def contacted(self, contact: float) -> None: ...

    def changed(self, clients: Sequence[str], contact: float) -> None:
        assert contact < 0
        self.told.append(list(clients))

    def says(self, number: int, seq: int, epoch: str = EPOCH, **more: Any) -> None:
        self.answer = Answer(epoch, seq, msgspec.Raw(msgspec.json.encode(client_record(number, **more))))

    async def asked(self, question: Question = KEY) -> bool | None:
        before = len(self.replies)
        self.asks.ask(question, self.replies.append)
        self.go.set()
        await until(lambda: len(self.replies) > before, "a reply")
        return self.replies[-1]


def with_room(directory: Path, work: Callable[[Room], Coroutine[Any, Any, None]], *, seq: int = 5) -> None:
    async def run() -> None:
        room = Room(directory)
        fill(room.writer.store, seq=seq)
        try:
            await asyncio.wait_for(work(room), 30)
        finally:
            await room.tasks.cancel()
            await room.writer.close()

    asyncio.run(run())


def clients(room: Room, name: str) -> bool:
    reader = ReplicaReader(room.writer.store.path)
    try:
        return reader.client(name) is not None
    finally:
        reader.close()


def test_all_workers_share_one_question(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        for _ in range(9):
            room.asks.ask(KEY, room.replies.append)
        room.says(1, seq=6)
        assert await room.asked() is True
        assert room.replies == [True] * 10
        assert room.heard == [KEY]
        assert room.told == [["c1"]]
        assert clients(room, "c1")

    with_room(tmp_path, work)


def test_no_is_remembered_for_a_while(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        assert await room.asked() is False
        assert await room.asked() is False
        assert len(room.heard) == 1
        assert await room.asked(Question("client", "c9")) is False
        assert len(room.heard) == 2

    with_room(tmp_path, work)


def test_no_answer_is_no_no(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        room.answer = AccountsFailed("cannot be reached")
        assert await room.asked() is None
        room.says(1, seq=6)
        assert await room.asked() is True

    with_room(tmp_path, work)


def test_a_revocation_that_the_feed_brought_stays(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        apply(room.writer.store, gone("client", "c1"))  # seq 6
        room.says(1, seq=5)
        await room.asked()
        assert not clients(room, "c1")
        assert room.told == []

    with_room(tmp_path, work)


def test_another_epoch_and_half_a_state_say_nothing(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        room.says(1, seq=9, epoch="e2")
        assert await room.asked() is None
        room.says(1, seq=9)
        room.writer.store.begin_snapshot()
        assert await room.asked() is None
        room.writer.store.abandon_snapshot()
        assert not clients(room, "c1")

    with_room(tmp_path, work)


def test_an_answer_about_somebody_else_is_no_yes(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        room.says(2, seq=9)
        assert await room.asked() is False
        room.answer = Answer(EPOCH, 9, msgspec.Raw(b'{"id": 7}'))
        assert await room.asked(Question("client", "c7")) is None

    with_room(tmp_path, work)


def test_questions_are_bounded(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        for number in range(MAX_FLIGHTS + 10):
            room.asks.ask(Question("key", public_id(number)), room.replies.append)
        assert room.replies == [None] * 10
        room.go.set()
        await until(lambda: len(room.replies) == MAX_FLIGHTS + 10, "all were answered")
        assert room.asks.asked == MAX_FLIGHTS

    with_room(tmp_path, work)
