"""One question to accounts for each unknown credential, however many workers ask, and not again for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from moongate.control.accounts.answers import AccountsFailed
from moongate.control.accounts.rows import CLIENT, Item
from moongate.control.accounts.store import StoreBroken, StoreFailed
from moongate.core.clock import monotonic
from moongate.stores.records import Unreadable, read_client
from moongate.stores.replica import MAX_ABSENT, UNKNOWN_SECONDS, Question

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.control.accounts.answers import Answer
    from moongate.control.accounts.feed import Audience
    from moongate.control.accounts.writer import Writer
    from moongate.net.tasks import Tasks

    Reply = Callable[[bool | None], None]

MAX_FLIGHTS: Final = 24  # fewer than connections: the feed needs one as well


class Oracle(Protocol):
    """Accounts (`client.AccountsClient`)."""

    async def ask(self, question: Question) -> Answer | None: ...


class Asks:
    """Questions under way, and those that were answered with no."""

    def __init__(self, oracle: Oracle, writer: Writer, audience: Audience, tasks: Tasks) -> None:
        self._oracle = oracle
        self._writer = writer
        self._audience = audience
        self._tasks = tasks
        self._flights: dict[Question, list[Reply]] = {}
        self._unknown: dict[Question, float] = {}
        self.asked = 0

    def ask(self, question: Question, reply: Reply) -> None:
        """``reply`` is told whether the file knows the credential now; None where accounts could not say."""
        if self._unknown.get(question, 0.0) > monotonic():
            reply(False)
        elif question in self._flights:
            self._flights[question].append(reply)
        elif len(self._flights) >= MAX_FLIGHTS:
            reply(None)
        else:
            self._flights[question] = [reply]
            self.asked += 1
            self._tasks.spawn(self._fly(question))

    async def _fly(self, question: Question) -> None:
        known: bool | None = None
        try:
            answer = await self._oracle.ask(question)
            known = False if answer is None else await self._take(question, answer)
        except (AccountsFailed, StoreFailed, StoreBroken):
            pass  # which is what None says; the feed tells people
        finally:
            if known is False:
                self._note_unknown(question)
            for reply in self._flights.pop(question):
                reply(known)

    async def _take(self, question: Question, answer: Answer) -> bool | None:
        """Whether the file holds now what was asked about."""
        store = self._writer.store
        if store.position is None or store.position.epoch != answer.epoch or store.is_in_snapshot:
            return None  # of another state than the one that is held, or about to be
        try:
            wire, keys = read_client(answer.record)
        except Unreadable:
            return None
        if await self._writer.do(store.absorb, answer.seq, Item(CLIENT, wire.id, answer.record)):
            self._audience.changed([wire.id], float("-inf"))
        return question.id == wire.id if question.kind == CLIENT else question.id.encode() in {key.id for key in keys}

    def _note_unknown(self, question: Question) -> None:
        if len(self._unknown) >= MAX_ABSENT:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[question] = monotonic() + UNKNOWN_SECONDS
