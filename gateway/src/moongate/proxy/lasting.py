"""Exchanges that last: WebSockets, and streams that nobody means to end. A client that loses its right loses them too.

A request is judged when it comes, and is over soon. What lasts is judged again when accounts says anything new of its
client: as it would be if it were asked for now, but for what time alone ended, a token that has expired or a signature
that is old. Whoever can not be judged, for accounts is silent, goes on.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from moongate.core.clock import monotonic
from moongate.core.errors import DEPENDENCY_UNAVAILABLE
from moongate.core.exchange import Exchange
from moongate.filters import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from moongate.core.exchange import Identity
    from moongate.filters import Filter, Judge
    from moongate.net.tasks import Tasks

    End: TypeAlias = Callable[[Refusal], None]

_AT_ONCE: Final = 64  # are judged before others have a turn: each may be a read of a file


class _Held(NamedTuple):
    exchange: Exchange
    identity: Identity
    judge: Judge
    steps: tuple[Filter, ...]
    end: End


class Lasting:
    """Those of one worker, by their clients."""

    __slots__ = ("_held", "_tasks")

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._held: dict[str, dict[int, _Held]] = {}

    def add(self, exchange: Exchange, steps: tuple[Filter, ...], end: End) -> bool:
        """``steps`` judge what its client may do; ``end`` is called with the reason where it may not go on. Whether it
        is held: not where it is nobody's who could lose a right."""
        identity = exchange.identity
        if identity is None or identity.judge is None:
            return False
        held = _Held(exchange, identity, identity.judge, steps, end)
        self._held.setdefault(identity.client, {})[id(exchange)] = held
        self._tasks.spawn(self._judge_one(held))  # its right may have ended while the service was asked
        return True

    def remove(self, exchange: Exchange) -> None:
        """It has ended."""
        assert exchange.identity is not None
        of_client = self._held.get(exchange.identity.client, {})
        of_client.pop(id(exchange), None)
        if not of_client:
            self._held.pop(exchange.identity.client, None)

    def judge(self, clients: Iterable[str] | None) -> None:
        """Accounts has other records of ``clients``; None of everybody."""
        concerned = [name for name in (self._held if clients is None else clients) if name in self._held]
        if concerned:
            self._tasks.spawn(self._judge(concerned))

    async def _judge(self, clients: list[str]) -> None:
        count = 0
        for client in clients:
            for held in list(self._held.get(client, {}).values()):
                await self._judge_one(held)
                count += 1
                if count % _AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def _judge_one(self, held: _Held) -> None:
        refusal = await _refusal_of(held)
        if refusal is not None and id(held.exchange) in self._held.get(held.identity.client, {}):
            held.end(refusal)


async def _refusal_of(held: _Held) -> Refusal | None:
    """Why it may not go on."""
    exchange = held.exchange
    judged = held.judge.again(held.identity)
    found = await judged if inspect.isawaitable(judged) else judged
    if isinstance(found, Refusal):
        return _for_good(found)
    again = Exchange(exchange.id, exchange.generation, exchange.head, exchange.remote, monotonic())
    again.certificate, again.route, again.service = exchange.certificate, exchange.route, exchange.service
    again.identity = found
    for step in held.steps:
        asked = step(again)
        verdict = await asked if inspect.isawaitable(asked) else asked
        if isinstance(verdict, Refusal):
            return _for_good(verdict)
    return None


def _for_good(refusal: Refusal) -> Refusal | None:
    return None if refusal.failure is DEPENDENCY_UNAVAILABLE else refusal
