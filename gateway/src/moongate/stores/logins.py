"""A worker's view of logins: what control has found out about providers, what cookies are sealed with, and how to have
a provider asked."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Final, Protocol

from moongate.stores.provider import UNAVAILABLE

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.stores.provider import Answer, Provider, Question

WAIT_SECONDS: Final = 6.0
"""What a request waits for a provider at the most: control gives it up after five."""
MAX_WAITING: Final = 256
"""Requests of one worker that wait for providers at a time; one more is told to come back."""


class Asking(Protocol):
    """Who carries a worker's words to control."""

    def ask(self, number: int, question: Question) -> None:
        """`Logins.answered` is to be told."""


class Nobody:
    """Carries nothing: nobody logs in."""

    def ask(self, number: int, question: Question) -> None: ...


class Logins:
    """``keys`` of 32 octets: the first seals, all open; none before control has said any."""

    def __init__(self) -> None:
        self.keys: tuple[bytes, ...] = ()
        self.asking: Asking = Nobody()
        self._providers: dict[str, Provider] = {}
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}

    # What a request asks.

    def provider(self, issuer: str) -> Provider | None:
        """None where it has not been heard."""
        return self._providers.get(issuer)

    def ask(self, question: Question) -> Awaitable[Answer]:
        """Unavailable where there is no answer in time."""
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if len(self._waiting) >= MAX_WAITING:
            waiting.set_result(UNAVAILABLE)
            return waiting
        number = next(self._numbers)
        self._waiting[number] = waiting
        timer = waiting.get_loop().call_later(WAIT_SECONDS, self.answered, number, UNAVAILABLE)
        waiting.add_done_callback(lambda _: timer.cancel())
        waiting.add_done_callback(lambda _: self._waiting.pop(number, None))
        self.asking.ask(number, question)
        return waiting

    # What control says.

    def sealed_with(self, keys: tuple[bytes, ...]) -> None:
        """These are the keys now."""
        self.keys = keys

    def described(self, issuer: str, provider: Provider) -> None:
        """What it says of itself now."""
        self._providers[issuer] = provider

    def answered(self, number: int, answer: Answer) -> None:
        """To a question of that number."""
        waiting = self._waiting.pop(number, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)
