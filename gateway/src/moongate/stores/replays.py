"""What was signed and shown already, so that a signature is good once, whichever worker it is shown to.

The memory is at one place, where a gateway has several workers in the control process: a request waits for its word, a
tenth of a millisecond. It remembers what it could still be shown, and knows since when: what was signed before that may
have been shown to whoever stood here before, so nobody can say.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ask = Callable[[bytes, float, float], None]

WAIT_SECONDS: Final = 1.0
MAX_WAITING: Final = 4096
MAX_SIGNATURES: Final = 500_000  # 90 MiB; in a window of a minute on both sides, 4,000 signed requests a second


class SeenSignatures:
    """The memory. Times in seconds since 1970."""

    def __init__(
        self,
        max_signatures: int = MAX_SIGNATURES,
        seconds: Callable[[], float] = time.time,  # noqa: TID251 - dates
    ) -> None:
        self._max_signatures = max_signatures
        self._seconds = seconds
        self._since = seconds()
        self._until: dict[bytes, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def is_first(self, mark: bytes, created: float, until: float) -> bool | None:
        """Whether ``mark``, of what was signed when it was ``created`` and is too old after ``until``, was not shown
        before; it is from now on. None where nobody can say, or no more fit."""
        if mark in self._until:
            return False
        now, held = self._seconds(), self._until
        while held:
            oldest = next(iter(held))
            if held[oldest] >= now:
                break
            del held[oldest]
        # Whole seconds: what was created in the one that this began in may be from before.
        if created <= self._since or len(held) >= self._max_signatures:
            return None
        held[mark] = until
        return True


class Replays:
    """A worker's view: asks where ``asking`` carries its words to another process, else remembers by itself."""

    def __init__(self) -> None:
        self.asking: Ask | None = None
        self._seen = SeenSignatures()
        self._waiting: dict[bytes, asyncio.Future[bool | None]] = {}

    def is_first(self, mark: bytes, created: float, until: float) -> bool | Awaitable[bool | None] | None:
        """As `SeenSignatures.is_first`; None also where there is no word within a second."""
        if self.asking is None:
            return self._seen.is_first(mark, created, until)
        if mark in self._waiting:
            return False
        if len(self._waiting) >= MAX_WAITING:
            return None
        told = self._waiting[mark] = asyncio.get_running_loop().create_future()
        timer = told.get_loop().call_later(WAIT_SECONDS, self.answered, mark, None)
        told.add_done_callback(lambda _: timer.cancel())
        self.asking(mark, created, until)
        return told

    def answered(self, mark: bytes, is_first: bool | None) -> None:
        """The other process' word."""
        told = self._waiting.pop(mark, None)
        if told is not None and not told.done():
            told.set_result(is_first)
