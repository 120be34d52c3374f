"""A place for one worker, with sockets of its own: whoever stands there and ends is replaced."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from moongate.control.child import Child, ChildLost, start_child
from moongate.core.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from moongate.control.tally import Tally
    from moongate.net.tasks import Tasks

    Install = Callable[["Slot", Child], Awaitable[None]]

BACKOFF_FIRST_SECONDS: Final = 0.1
BACKOFF_LAST_SECONDS: Final = 10.0
STEADY_SECONDS: Final = 60.0  # a worker that lived so long did not die of what it was started with
_SAME_SIGNAL_SECONDS: Final = 0.05  # a worker that was told to end may have been told together with control


class Backoff:
    """How long to wait before a worker is started again: longer each time, unless the last one was steady."""

    def __init__(self) -> None:
        self._next = BACKOFF_FIRST_SECONDS

    def after(self, lived_seconds: float) -> float:
        if lived_seconds >= STEADY_SECONDS:
            self._next = BACKOFF_FIRST_SECONDS
        delay, self._next = self._next, min(self._next * 2, BACKOFF_LAST_SECONDS)
        return delay


class Slot:
    """Number ``number``, counted from 1 when it is told. ``child`` is the worker that serves, ``children`` are all that
    have not ended."""

    def __init__(self, number: int, cpu: int | None, tasks: Tasks, say: Callable[[str], None], tally: Tally) -> None:
        self.number = number
        self._cpu = cpu
        self._tasks = tasks
        self._say = say
        self._tally = tally
        self.replaced = 0  # how many workers were
        self._backoff = Backoff()
        self.child: Child | None = None
        self.children: set[Child] = set()
        self.is_stopping = False  # nobody is replaced any more

    async def start(self) -> Child:
        """A worker that runs and serves nothing yet. Raises ChildLost."""
        child = await start_child(self._cpu, self._tasks, self._tally)
        self.children.add(child)
        child.ended.add_done_callback(lambda _: self.children.discard(child))
        if self.is_stopping:
            child.kill()
        try:
            await child.started()
        except ChildLost:
            child.kill()
            raise
        return child

    async def keep(self, install: Install) -> None:
        """For ever: when the worker serves no longer, put another one in its place."""
        while self.child is not None:
            child = self.child
            why = await child.over
            if not child.ended.done():
                await asyncio.sleep(_SAME_SIGNAL_SECONDS)
            if self.is_stopping:
                return
            self.child = None
            self.replaced += 1
            self.tell(child, why)
            if child.ended.done():
                await asyncio.sleep(self._backoff.after(monotonic() - child.born))
            await self._replace(install)

    def tell(self, child: Child, what: str) -> None:
        self._say(f"worker {self.number + 1} (pid {child.pid}) {what}")

    async def _replace(self, install: Install) -> None:
        while self.child is None:
            began = monotonic()
            child: Child | None = None
            try:
                child = await self.start()
                await install(self, child)
            except (ChildLost, OSError) as error:
                if child is not None:
                    child.kill()
                if self.is_stopping:
                    return
                delay = self._backoff.after(monotonic() - began)
                self._say(f"worker {self.number + 1} can not be replaced, again in {delay:g} s: {error}")
                await asyncio.sleep(delay)
