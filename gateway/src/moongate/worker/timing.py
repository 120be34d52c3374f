"""What happens again and again in a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Every:
    """Calls something every so many seconds, from its making until ``stop``."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, call: Callable[[], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._call = call
        self._handle = loop.call_later(seconds, self._run)

    def stop(self) -> None:
        self._handle.cancel()

    def _run(self) -> None:
        self._handle = self._loop.call_later(self._seconds, self._run)
        self._call()
