"""A worker's view of issuers' keys: what control has fetched, and how to have it look again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from moongate.core.clock import monotonic
from moongate.stores.keys import KeySet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

WAIT_SECONDS: Final = 1.0  # what a request waits for keys at the most


class Asking(Protocol):
    """Who carries a worker's words to control."""

    def want(self, source: str) -> None:
        """Keys that are not here; `KeySets.answered` is to be told."""


class Nobody:
    """Carries nothing: no issuers in the config."""

    def want(self, source: str) -> None: ...


class KeySets:
    """By the names of their sources. ``version`` grows with every change of keys."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.version = 0
        self.asking: Asking = Nobody()
        self._clock = clock
        self._held: dict[str, KeySet] = {}
        self._quiet: dict[str, float] = {}  # until when control need not be asked again
        self._waiting: dict[str, asyncio.Future[bool]] = {}

    # What a request asks.

    def held(self, source: str) -> KeySet | None:
        """None where there never were any, or none for too long. The document is the same object until it changes."""
        return self._held.get(source)

    def wait(self, source: str) -> Awaitable[bool] | None:
        """Have them fetched: whether that was done within a second. None where it was done a moment ago."""
        if self._clock() < self._quiet.get(source, 0.0):
            return None
        waiting = self._waiting.get(source)
        if waiting is None:
            waiting = self._waiting[source] = asyncio.get_running_loop().create_future()
            timer = waiting.get_loop().call_later(WAIT_SECONDS, self._give_up, source, waiting)
            waiting.add_done_callback(lambda _: timer.cancel())
            self.asking.want(source)
        return asyncio.shield(waiting)

    # What control says.

    def replaced(self, source: str, document: bytes, is_fresh: bool) -> None:
        """These are the keys now."""
        before = self._held.get(source)
        if before is not None and before.document == document:
            document = before.document
        else:
            self.version += 1
            self._quiet.pop(source, None)
        self._held[source] = KeySet(document, is_fresh)

    def gone(self, source: str) -> None:
        """They are too old to be believed, or nobody's any more."""
        self.version += 1
        self._held.pop(source, None)
        self._quiet.pop(source, None)

    def answered(self, source: str, seconds: float) -> None:
        """Control looked, and will not look again for so many seconds."""
        self._quiet[source] = self._clock() + seconds
        waiting = self._waiting.pop(source, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(True)

    def _give_up(self, source: str, waiting: asyncio.Future[bool]) -> None:
        if self._waiting.get(source) is waiting:
            del self._waiting[source]
        if not waiting.done():
            waiting.set_result(False)
