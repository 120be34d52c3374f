"""All parts together against a scripted accounts: what a worker would be told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.controlling import until
from gateway_harness.replicas import PEPPER, TOKEN, client_record, public_id
from moongate.compile import AccountsPlan
from moongate.control.accounts.following import Following
from moongate.worker import messages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

T = TypeVar("T")


class Workers:
    """What they were told."""

    def __init__(self) -> None:
        self.told: list[messages.ReplicaOrder] = []
        self.said: list[str] = []

    def all(self, kind: type[T]) -> list[T]:
        return [each for each in self.told if isinstance(each, kind)]


def plan_for(feed: AccountsFeed, directory: Path) -> AccountsPlan:
    return AccountsPlan(feed.url, TOKEN, 900.0, str(directory / "replica.sqlite"))


@asynccontextmanager
async def followed(feed: AccountsFeed, directory: Path) -> AsyncIterator[tuple[Following, Workers]]:
    workers = Workers()
    following = Following(plan_for(feed, directory), workers.told.append, workers.said.append)
    try:
        yield following, workers
    finally:
        await following.close()


def test_a_life(tmp_path: Path) -> None:
    async def live() -> None:
        with AccountsFeed() as feed:
            feed.client(client_record(1))
            async with followed(feed, tmp_path) as (following, workers):
                assert workers.told == [messages.ReplicaClosed()]
                await until(lambda: workers.all(messages.ReplicaContact), "contact")
                (opened,) = workers.all(messages.ReplicaOpened)
                assert (opened.peppers, opened.max_stale) == ({1: PEPPER}, 900.0)
                assert 0.0 <= following.age() < 30
                feed.client(client_record(2))
                await until(lambda: workers.all(messages.ReplicaChanged), "the change")
                assert workers.all(messages.ReplicaChanged)[0].clients == ["c2"]

                answers: list[messages.ReplicaOrder] = []
                following.heard(messages.ReplicaQuestion("key", public_id(2)), answers.append)
                following.heard(messages.ReplicaQuestion("client", "nobody"), answers.append)
                await until(lambda: len(answers) == 2, "answers")
                assert messages.ReplicaAnswer("key", public_id(2), True) in answers
                assert messages.ReplicaAnswer("client", "nobody", False) in answers

                following.heard(messages.ReplicaUsed({public_id(1): 7}), answers.append)
            assert feed.used == {public_id(1): 7}  # told at the end, at the latest

            async with followed(feed, tmp_path) as (_, later):
                (again,) = later.told
                assert isinstance(again, messages.ReplicaOpened)
                assert again.peppers == {1: PEPPER}
                assert feed.heard["snapshot"] == 1

    asyncio.run(asyncio.wait_for(live(), 30))


def test_what_another_left_is_told(tmp_path: Path) -> None:
    async def live() -> None:
        (tmp_path / "replica.sqlite").write_bytes(b"garbage" * 1000)
        with AccountsFeed() as feed:
            async with followed(feed, tmp_path) as (_, workers):
                assert "is of no use" in workers.said[0]
                await until(lambda: workers.all(messages.ReplicaOpened), "a new one")

    asyncio.run(asyncio.wait_for(live(), 30))


def test_a_worker_that_can_not_read_gets_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moongate.control.accounts.feed.WAIT_SECONDS", 0.1)

    async def live() -> None:
        with AccountsFeed() as feed:
            async with followed(feed, tmp_path) as (following, workers):
                await until(lambda: workers.all(messages.ReplicaContact), "contact")
                following.heard(messages.ReplicaBroken("malformed"), workers.told.append)
                await until(lambda: feed.heard["snapshot"] == 2, "another snapshot")
                await until(lambda: len(workers.all(messages.ReplicaOpened)) == 2, "told")

    asyncio.run(asyncio.wait_for(live(), 30))
