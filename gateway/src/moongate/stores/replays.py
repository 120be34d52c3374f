"""What was signed and shown already, so that a signature is good once, whichever worker it is shown to.

The memory is at one place, where a gateway has several workers in the control process: a request waits for its word, a
tenth of a millisecond. It remembers what it could still be shown, and knows for how long it has: what was signed before
that may have been shown to whoever stood here before, so nobody can say.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Final

from moongate.core.clock import monotonic
from moongate.core.limits import MAX_SIGNATURE_WINDOW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ask = Callable[[bytes, int], None]

WAIT_SECONDS: Final = 1.0
MAX_WAITING: Final = 4096
MAX_SIGNATURES: Final = 1_000_000  # 125 MiB, and 3,000 signed requests a second


class SeenSignatures:
    """The memory, by the second in which something was signed: each is forgotten as a whole, once it is older than any
    config lets a signature be. Else a reload that lets them be older would let those in that were forgotten."""

    def __init__(
        self,
        max_signatures: int = MAX_SIGNATURES,
        seconds: Callable[[], float] = time.time,  # noqa: TID251 - dates
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """``seconds`` tells the time since 1970, and may be put right; ``clock`` only goes on."""
        self._max_signatures = max_signatures
        self._seconds = seconds
        self._clock = clock
        self._since = clock()
        self._count = 0
        self._swept = -math.inf
        self._marks: dict[int, set[bytes]] = {}

    def __len__(self) -> int:
        return self._count

    def is_first(self, mark: bytes, created: int) -> bool | None:
        """Whether ``mark``, of what was signed in the second ``created``, was not shown before; it is from now on. None
        where nobody can say, or no more fit."""
        now = self._seconds()
        self._forget(now)
        age = now - created
        if age > MAX_SIGNATURE_WINDOW_SECONDS or age >= self._clock() - self._since:
            return None
        marks = self._marks.get(created)
        if marks is not None and mark in marks:
            return False
        if self._count >= self._max_signatures:
            return None
        self._marks.setdefault(created, set()).add(mark)
        self._count += 1
        return True

    def _forget(self, now: float) -> None:
        if abs(now - self._swept) < 1:
            return
        self._swept = now
        for created in [each for each in self._marks if now - each > MAX_SIGNATURE_WINDOW_SECONDS]:
            self._count -= len(self._marks.pop(created))


class Replays:
    """A worker's view: asks where ``asking`` carries its words to another process, else remembers by itself."""

    def __init__(self) -> None:
        self.asking: Ask | None = None
        self._seen = SeenSignatures()
        self._waiting: dict[bytes, asyncio.Future[bool | None]] = {}

    def is_first(self, mark: bytes, created: int) -> bool | Awaitable[bool | None] | None:
        """As `SeenSignatures.is_first`; None also where there is no word within a second."""
        if self.asking is None:
            return self._seen.is_first(mark, created)
        if mark in self._waiting:
            return False
        if len(self._waiting) >= MAX_WAITING:
            return None
        told = self._waiting[mark] = asyncio.get_running_loop().create_future()
        timer = told.get_loop().call_later(WAIT_SECONDS, self.answered, mark, None)
        told.add_done_callback(lambda _: timer.cancel())
        self.asking(mark, created)
        return told

    def answered(self, mark: bytes, is_first: bool | None) -> None:
        """The other process' word."""
        told = self._waiting.pop(mark, None)
        if told is not None and not told.done():
            told.set_result(is_first)
