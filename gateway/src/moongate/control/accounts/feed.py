"""Follows accounts: a snapshot where there is none or no more, then every change in order; and says how that goes."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Final, Protocol

from moongate.control.accounts import moment
from moongate.control.accounts.answers import (
    AccountsFailed,
    Change,
    Changes,
    CutOff,
    EpochChanged,
    Nonsense,
    Refused,
    SnapshotHead,
    read_head,
    read_records,
)
from moongate.control.accounts.place import PlaceInvalid
from moongate.control.accounts.rows import Item
from moongate.control.accounts.store import Position, StoreBroken, StoreFailed
from moongate.core.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from moongate.control.accounts.moment import Moment
    from moongate.control.accounts.writer import Writer

WAIT_SECONDS: Final = 2
PAUSE_SECONDS: Final = 0.2  # where accounts has no thread left to let anybody wait, and says "nothing" at once
PAGE: Final = 1000  # changes in an answer; as many, and there may be more
TOUCH_SECONDS: Final = 10.0
BACKOFF_FIRST_SECONDS: Final = 0.1
BACKOFF_LAST_SECONDS: Final = 2.0
REFUSED_SECONDS: Final = 10.0  # a token does not become right by itself


class Source(Protocol):
    """Accounts (`client.AccountsClient`)."""

    def snapshot(self) -> AsyncGenerator[list[bytes], None]: ...
    async def changes(self, epoch: str, after: int, wait: int) -> Changes: ...


class Audience(Protocol):
    """Whom the feed tells, once the file holds it. ``contact`` is by the monotonic clock."""

    def opened(self) -> None:
        """The store holds another state."""

    def changed(self, clients: Sequence[str], contact: float) -> None: ...
    def contacted(self, contact: float) -> None: ...


class Feed:
    """One accounts, followed into one store.

    For metrics: ``snapshots`` and ``changes`` that were taken, and ``is_up``, whether accounts answered the last time.
    """

    def __init__(self, source: Source, writer: Writer, audience: Audience, say: Callable[[str], None]) -> None:
        self._source = source
        self._writer = writer
        self._store = writer.store
        self._audience = audience
        self._say = say
        self._wait = 0  # of the next long poll: at once, where it is not known whether there is anything
        self._is_lost = False  # a snapshot is due, whatever the store holds
        self._broken = ""  # why the file is to be written anew
        self._failures = 0
        self._said = ""  # the trouble that was told last
        self.snapshots = self.changes = 0
        self.is_up = False

    async def follow(self) -> None:
        """For ever."""
        while True:
            try:
                await self._step()
            except (AccountsFailed, StoreFailed, StoreBroken) as error:
                self._wait = 0
                self.is_up = False
                await asyncio.sleep(await self._overcome(error))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the feed: told, and tried again
                loop = asyncio.get_running_loop()
                loop.call_exception_handler({"message": "The feed of accounts failed", "exception": error})
                await asyncio.sleep(BACKOFF_LAST_SECONDS)

    def start_again(self, problem: str) -> None:
        """Somebody can not read the file."""
        self._broken = problem

    async def _step(self) -> None:
        if self._broken:
            problem, self._broken = self._broken, ""
            raise StoreBroken(problem)
        position = self._store.position
        if position is None or self._is_lost:
            await self._take_snapshot()
            return
        waited, began = self._wait, monotonic()
        answer = await self._source.changes(position.epoch, position.seq, waited)
        now = moment.current()
        changes = in_order(position, answer)
        if not changes:
            self._wait = WAIT_SECONDS
            await self._contacted(now)
            self._recovered()
            if waited and monotonic() - began < PAUSE_SECONDS:
                await asyncio.sleep(PAUSE_SECONDS)
            return
        last = changes[-1].seq
        is_level = last >= answer.seq and len(answer.changes) < PAGE
        contact = now if is_level else self._store.contact or now  # who is behind has heard accounts, but not all of it
        applied = await self._writer.do(self._store.apply, position, last, changes, contact)
        self._recovered()
        self.changes += len(changes)
        for problem in applied.problems:
            self._say(f"accounts {problem}")
        self._wait = WAIT_SECONDS if is_level and not applied.everything else 0
        if applied.everything:
            self._audience.opened()
        else:
            self._audience.changed(applied.clients, now.monotonic if is_level else float("-inf"))

    async def _contacted(self, now: Moment) -> None:
        before = self._store.contact
        if before is None or before.age(now) >= TOUCH_SECONDS:
            await self._writer.do(self._store.touch, now)
        self._audience.contacted(now.monotonic)

    async def _take_snapshot(self) -> None:
        began = moment.current()
        head: SnapshotHead | None = None
        records = 0
        try:
            await self._writer.do(self._store.begin_snapshot)
            async with contextlib.aclosing(self._source.snapshot()) as batches:
                async for lines in batches:
                    if head is None and lines:
                        head = read_head(lines.pop(0))
                    items = [Item(each.kind, each.id, each.record) for each in read_records(lines)]
                    records += len(items)
                    for problem in await self._writer.do(self._store.add, items) if items else ():
                        self._say(f"accounts {problem}")
            if head is None or records < head.records:
                raise CutOff(f"cut its snapshot off after {records} of {head.records if head else 'all its'} records")
            if records > head.records:
                raise Nonsense(f"sends a snapshot of {records} records where it announced {head.records}")
            await self._writer.do(self._store.end_snapshot, Position(head.epoch, head.seq), began)
        except BaseException:
            with contextlib.suppress(StoreFailed, StoreBroken):
                await self._writer.do(self._store.abandon_snapshot)
            raise
        self.snapshots += 1
        self._is_lost = False
        self._wait = 0
        self._say(f"accounts: a snapshot of {records} records was taken, at {head.epoch}.{head.seq}")
        self._audience.opened()

    async def _overcome(self, error: Exception) -> float:
        """Seconds to wait before the next try."""
        self._failures += 1
        if isinstance(error, EpochChanged):
            self._is_lost = True
            self._tell(f"accounts {error}: a new snapshot is taken")
            if self._failures == 1:
                return 0.0  # the next one, before anything went well, waits
        if isinstance(error, StoreBroken):
            self._tell(f"the replica's file is broken and is written anew: {error}")
            with contextlib.suppress(PlaceInvalid):
                await self._writer.do(self._store.start_again)
        elif isinstance(error, AccountsFailed) and not isinstance(error, EpochChanged):
            hint = "; make one with `accounts gateway create NAME`" if isinstance(error, Refused) else ""
            self._tell(f"accounts {error}{hint}; what is known of clients is served for the time of max_stale")
        elif not isinstance(error, AccountsFailed):
            self._tell(f"the replica of accounts can not be written: {error}")
        delay = min(BACKOFF_FIRST_SECONDS * 2 ** min(self._failures - 1, 10), BACKOFF_LAST_SECONDS)
        delay = REFUSED_SECONDS if isinstance(error, Refused) else delay
        return delay * random.uniform(0.5, 1.0)  # noqa: S311 - many gateways need not come at the same time

    def _recovered(self) -> None:
        self._failures = 0
        self.is_up = True
        if self._said:
            self._said = ""
            self._say("accounts is followed again")

    def _tell(self, trouble: str) -> None:
        """Once, until something else is the matter or everything is well."""
        if trouble != self._said:
            self._said = trouble
            self._say(f"{trouble}")


def in_order(position: Position, answer: Changes) -> list[Change]:
    """The changes that follow on ``position``, without those that are there already. Raises EpochChanged where one is
    missing or out of its place: what it said can only be had from a snapshot."""
    if answer.epoch != position.epoch:
        raise EpochChanged("has another history than the replica")
    if answer.seq < position.seq:
        raise EpochChanged(f"is at {answer.seq}, and was at {position.seq} before")
    expected = position.seq
    following: list[Change] = []
    for change in answer.changes:
        if change.seq <= position.seq:
            continue
        if change.seq != expected + 1:
            raise EpochChanged(f"left out what came between {expected} and {change.seq}")
        expected = change.seq
        following.append(change)
    if not following and answer.seq > position.seq:
        raise EpochChanged(f"is at {answer.seq} and says nothing of what came after {position.seq}")
    return following
