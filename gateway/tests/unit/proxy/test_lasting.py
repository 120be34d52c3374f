"""Who is judged again, when, and what comes of it; what is open is played by a word in a list."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gateway_harness.exchanges import exchange_of
from moongate.core.errors import CREDENTIALS_INVALID, DEPENDENCY_UNAVAILABLE, FORBIDDEN
from moongate.core.exchange import Exchange, Identity
from moongate.filters import Refusal
from moongate.net.tasks import Tasks
from moongate.proxy.lasting import Lasting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

REVOKED = Refusal(CREDENTIALS_INVALID, "revoked")
DENIED = Refusal(FORBIDDEN, "no_grant")
SILENT = Refusal(DEPENDENCY_UNAVAILABLE, "accounts_unavailable")


class Judging:
    """Says ``verdict`` of whoever it is asked about, once it is asked again where it has to ask somebody itself."""

    def __init__(self) -> None:
        self.verdict: Refusal | None = None
        self.has_to_ask = False
        self.asked = 0

    def again(self, identity: Identity) -> Identity | Refusal | Awaitable[Identity | Refusal]:
        self.asked += 1
        return self._later(identity) if self.has_to_ask else self.verdict or identity

    async def _later(self, identity: Identity) -> Identity | Refusal:
        await asyncio.sleep(0)
        return self.verdict or identity


class Held:
    """``ended`` are the reasons of those that were."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.lasting = Lasting(self.tasks)
        self.judge = Judging()
        self.ended: list[tuple[str, str]] = []

    def add(self, client: str, *steps: Any) -> Exchange:
        exchange = exchange_of()
        exchange.identity = Identity(client, "api_key")
        exchange.identity.judge = self.judge

        def end(refusal: Refusal) -> None:
            self.lasting.remove(exchange)
            self.ended.append((client, refusal.reason))

        assert self.lasting.add(exchange, steps, end)
        return exchange

    async def settle(self) -> None:
        while self.tasks._running:
            await asyncio.wait(self.tasks._running)

    async def judged(self, *clients: str) -> list[tuple[str, str]]:
        """Who was ended, once accounts has said something of ``clients``; of all where none is named."""
        await self.settle()
        self.ended.clear()
        self.lasting.judge(clients or None)
        await self.settle()
        return self.ended


def run(work: Callable[[Held], Any]) -> None:
    async def go() -> None:
        await work(Held())

    asyncio.run(go())


@pytest.mark.parametrize("has_to_ask", [False, True])
def test_only_the_clients_that_accounts_speaks_of_are_judged(has_to_ask: bool) -> None:
    async def work(held: Held) -> None:
        held.judge.has_to_ask = has_to_ask
        held.add("one")
        held.add("two")
        held.add("two")
        assert await held.judged() == []
        held.judge.verdict = REVOKED
        assert await held.judged("three") == []
        assert await held.judged("two", "three") == [("two", "revoked")] * 2
        assert await held.judged() == [("one", "revoked")]
        asked = held.judge.asked
        assert await held.judged() == []
        assert held.judge.asked == asked, "nobody is held any more"

    run(work)


def test_what_it_may_do_is_judged_with_what_it_is_now() -> None:
    async def work(held: Held) -> None:
        seen: list[Exchange] = []
        answer: list[Any] = [None]

        def step(exchange: Exchange) -> Any:
            seen.append(exchange)
            return answer[0]

        async def later() -> Refusal:
            return DENIED

        exchange = held.add("one", step)
        assert await held.judged("one") == []
        assert seen[-1] is not exchange, "what was sent to the service is not edited again"
        assert (seen[-1].head, seen[-1].identity, seen[-1].route) == (exchange.head, exchange.identity, "all")
        answer[0] = later()
        assert await held.judged("one") == [("one", "no_grant")]

    run(work)


def test_whoever_can_not_be_judged_goes_on() -> None:
    async def work(held: Held) -> None:
        held.add("one")
        held.judge.verdict = SILENT
        assert await held.judged() == []
        held.judge.verdict = None
        held.add("one", lambda _: SILENT)
        assert await held.judged() == []

    run(work)


def test_what_was_revoked_while_it_was_opened_ends_at_once() -> None:
    async def work(held: Held) -> None:
        held.judge.verdict = REVOKED
        held.add("one")
        await held.settle()
        assert held.ended == [("one", "revoked")]

    run(work)


def test_what_ends_while_somebody_is_asked_is_not_ended_twice() -> None:
    async def work(held: Held) -> None:
        exchange = held.add("one")
        await held.settle()
        held.judge.verdict, held.judge.has_to_ask = REVOKED, True
        held.lasting.judge(["one"])
        await asyncio.sleep(0)
        held.lasting.remove(exchange)
        await held.settle()
        assert held.ended == []

    run(work)


def test_who_has_no_right_to_lose_is_not_held() -> None:
    lasting = Lasting(Tasks())
    exchange = exchange_of()
    assert not lasting.add(exchange, (), lambda _: None)  # nobody was asked who it is
    exchange.identity = Identity("one", "jwt")
    assert not lasting.add(exchange, (), lambda _: None)  # somebody else vouches, and says nothing later
