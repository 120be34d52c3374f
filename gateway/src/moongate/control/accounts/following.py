"""One accounts, followed: client, file, feed, questions and the use of keys put together."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from moongate.control.accounts import moment
from moongate.control.accounts.asks import Asks
from moongate.control.accounts.client import AccountsClient
from moongate.control.accounts.feed import Feed
from moongate.control.accounts.store import ReplicaStore, StoreFailed
from moongate.control.accounts.usage import Usage
from moongate.control.accounts.writer import Writer
from moongate.core.clock import monotonic
from moongate.net.tasks import Tasks
from moongate.stores.replica import Question
from moongate.worker import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moongate.compile.snapshot import AccountsPlan
    from moongate.control.accounts.keeper import Tell

_GOODBYE_SECONDS: Final = 1.0
_NEVER: Final = float("-inf")


class Following:
    """One plan, alive. For metrics: ``feed``, ``asks``, and `age`."""

    # Its own audience: the feed and the asks tell it what the file holds, and it tells the workers.

    def __init__(self, plan: AccountsPlan, tell: Tell, say: Callable[[str], None]) -> None:
        self.plan = plan
        self._tell = tell
        store = ReplicaStore(plan.replica, plan.url, plan.token)
        if store.discarded:
            say(f"the replica in {plan.replica} is of no use and taken anew: {store.discarded}")
        self._store = store
        self._writer = Writer(store)
        self._contact = _of_store(store)
        self._client = AccountsClient(plan.url, plan.token)
        self._tasks = Tasks()
        self._usage = Usage(self._client)
        self.asks = Asks(self._client, self._writer, self, self._tasks)
        self.feed = Feed(self._client, self._writer, self, say)
        self._tasks.spawn(self.feed.follow())
        self._tasks.spawn(self._usage.follow())
        tell(self.state())

    def state(self) -> messages.ReplicaOpened | messages.ReplicaClosed:
        store = self._store
        if store.position is None:
            return messages.ReplicaClosed()
        return messages.ReplicaOpened(store.path, store.peppers, self.plan.max_stale, self._contact)

    def age(self) -> float:
        """Seconds since accounts was heard, infinite where it never was: `moongate_accounts_age_seconds`."""
        return monotonic() - self._contact

    def opened(self) -> None:
        self._contact = max(self._contact, _of_store(self._store))
        self._tell(self.state())

    def changed(self, clients: Sequence[str], contact: float) -> None:
        self._contact = max(self._contact, contact)
        self._tell(messages.ReplicaChanged(list(clients), contact))

    def contacted(self, contact: float) -> None:
        self._contact = max(self._contact, contact)
        self._tell(messages.ReplicaContact(contact))

    def heard(self, report: messages.ReplicaReport, tell: Tell) -> None:
        if isinstance(report, messages.ReplicaQuestion):
            kind, name = report.kind, report.id
            self.asks.ask(Question(kind, name), lambda known: tell(messages.ReplicaAnswer(kind, name, known)))
        elif isinstance(report, messages.ReplicaUsed):
            self._usage.note(report.keys)
        else:
            self.feed.start_again(report.problem)

    async def close(self) -> None:
        await self._tasks.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await self._usage.tell()
        with contextlib.suppress(StoreFailed):
            await self._writer.close()
        await self._client.close()


def _of_store(store: ReplicaStore) -> float:
    """When accounts was heard, as the file has it, by this machine's monotonic clock."""
    if store.contact is None:
        return _NEVER
    return monotonic() - store.contact.age(moment.current())
