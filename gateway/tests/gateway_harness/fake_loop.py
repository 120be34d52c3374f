"""Time that a test moves by hand, for code that asks its event loop for it."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class FakeHandle:
    """A timer or a callback that can be taken back."""

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._callback = callback
        self._args = args
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True

    def run(self) -> None:
        if not self.is_cancelled:
            self._callback(*self._args)


class FakeLoop:
    """The part of an event loop that tells the time and calls back. Nothing happens but in `run_soon` and `advance`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.failures: list[dict[str, Any]] = []
        self._soon: list[FakeHandle] = []
        self._timers: list[tuple[float, int, FakeHandle]] = []
        self._count = itertools.count()

    @property
    def as_loop(self) -> asyncio.AbstractEventLoop:
        """Itself, for a parameter that asks for a whole event loop."""
        return cast("asyncio.AbstractEventLoop", self)

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable[..., object], *args: Any) -> FakeHandle:
        handle = FakeHandle(callback, args)
        self._soon.append(handle)
        return handle

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> FakeHandle:
        return self.call_at(self.now + delay, callback, *args)

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> FakeHandle:
        handle = FakeHandle(callback, args)
        heapq.heappush(self._timers, (when, next(self._count), handle))
        return handle

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.failures.append(context)

    def run_soon(self) -> None:
        """One turn: what was asked for until now; what is asked for meanwhile waits for the next."""
        soon, self._soon = self._soon, []
        for handle in soon:
            handle.run()

    def run_until_quiet(self) -> None:
        """Turn after turn until nobody asks for another."""
        while self._soon:
            self.run_soon()

    def advance(self, seconds: float) -> None:
        """Let time pass, calling each timer at its own time."""
        end = self.now + seconds
        self.run_until_quiet()
        while self._timers and self._timers[0][0] <= end:
            when, _, handle = heapq.heappop(self._timers)
            self.now = max(self.now, when)
            handle.run()
            self.run_until_quiet()
        self.now = end

    def stall(self, seconds: float) -> None:
        """Time passes while the loop is held up: nobody is called back."""
        self.now += seconds
