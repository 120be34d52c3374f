"""Where passwords are checked: beside the loop, one at a time, and for a bounded number of those who wait.

A check takes 50 to 500 ms of CPU, and a worker may have one CPU only. So the thread that does it stands behind the loop
in the system's queue (nice), and no more wait for it than it gets done in a few seconds: a flood of wrong passwords
costs whoever else logs in a 503, and the requests of those who are known nothing.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_WAITING: Final = 32
_NICE: Final = 10  # a ninth of what the loop gets while it wants more than there is


class _GivenUp:
    """What comes of a check whose client went away: the next one who asks has it done."""


_Told: TypeAlias = "bool | _GivenUp"


class Passwords:
    """Runs checks, each password's once however many ask meanwhile."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        self._max_waiting = max_waiting
        self._turn = asyncio.Lock()
        self._running: dict[bytes, asyncio.Future[_Told]] = {}
        self._thread = ThreadPoolExecutor(1, "passwords", initializer=_step_back)  # started when it is needed

    async def check(self, digest: bytes, check: Callable[[], bool]) -> bool | None:
        """What ``check`` says; None where too many wait already. ``digest`` names what is checked."""
        while (running := self._running.get(digest)) is not None:
            told = await asyncio.shield(running)
            if not isinstance(told, _GivenUp):
                return told
        if len(self._running) >= self._max_waiting:
            return None
        loop = asyncio.get_running_loop()
        running = self._running[digest] = loop.create_future()
        said: _Told = _GivenUp()
        try:
            async with self._turn:
                said = is_right = await loop.run_in_executor(self._thread, check)
        finally:
            del self._running[digest]
            running.set_result(said)
        return is_right


def _step_back() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + _NICE)
