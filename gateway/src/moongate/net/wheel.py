"""Deadlines by a coarse wheel: one timer for a whole worker instead of one for each request.

``call_later`` and its cancellation cost 2-3 us a request, ``asyncio.timeout`` 6; setting a deadline here costs 0.1. The
price is a grain of a quarter second, which no deadline of a gateway notices. An item stands in at most a few slots; a
deadline that moves away is found out when its old slot comes round, and queued again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

TICK_SECONDS: Final = 0.25
NEVER: Final = 1 << 62
_SLOTS: Final = 512  # 128 s; what is due later is queued again on the way
_MASK: Final = _SLOTS - 1


class Timed(Protocol):
    """An object with a deadline. ``due`` and ``queued`` are ticks, NEVER at first, and the wheel's to write."""

    due: int
    queued: int

    def on_due(self) -> None: ...


def ticks(seconds: float) -> int:
    """How many ticks ``seconds`` are, rounded up, and one more because the present tick has begun already."""
    return int(-(-seconds // TICK_SECONDS)) + 1


class Wheel:
    """Time in ticks, and who is waiting for which."""

    __slots__ = ("_handle", "_loop", "_slots", "_started", "now", "on_tick")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: list[set[Timed]] = [set() for _ in range(_SLOTS)]
        self._started = loop.time()
        self._handle: asyncio.TimerHandle | None = None
        self.now = 0
        self.on_tick: Callable[[float], None] | None = None  # told how late each tick comes, in seconds

    def start(self) -> None:
        self._handle = self._loop.call_later(TICK_SECONDS, self._run)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def arm(self, item: Timed, delay: int) -> None:
        """``item.on_due()`` is called once ``delay`` ticks have passed, unless it is armed or disarmed again before."""
        item.due = due = self.now + delay
        if due < item.queued:
            self.queue(item, due)

    def disarm(self, item: Timed) -> None:
        """Forget ``item`` altogether; for objects that end."""
        if item.queued != NEVER:
            self._slots[item.queued & _MASK].discard(item)
        item.due = item.queued = NEVER

    def advance(self) -> None:
        """One tick passes."""
        self.now = now = self.now + 1
        slot = self._slots[now & _MASK]
        if not slot:
            return
        self._slots[now & _MASK] = set()
        for item in slot:
            if item.queued != now:
                continue  # queued again elsewhere since
            item.queued = NEVER
            if item.due <= now:
                item.due = NEVER
                self._tell(item)
            elif item.due != NEVER:
                self.queue(item, item.due)

    def _tell(self, item: Timed) -> None:
        try:
            item.on_due()
        except Exception as error:  # noqa: BLE001 - the others of its slot would never be told
            self._loop.call_exception_handler({"message": f"a deadline of {item!r} failed", "exception": error})

    def queue(self, item: Timed, due: int) -> None:
        """What `arm` does where ``due`` comes before ``item.queued``; for who sets ``due`` itself, to save a call."""
        item.queued = due = min(due, self.now + _SLOTS - 1)
        self._slots[due & _MASK].add(item)

    def _run(self) -> None:
        # Catching up after a stall: what fell due meanwhile is late, but none is lost.
        elapsed = self._loop.time() - self._started
        target = int(elapsed / TICK_SECONDS)
        if self.on_tick is not None:
            self.on_tick(elapsed - (self.now + 1) * TICK_SECONDS)
        self._handle = self._loop.call_at(self._started + (target + 1) * TICK_SECONDS, self._run)
        while self.now < target:
            self.advance()
