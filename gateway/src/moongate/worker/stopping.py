"""SIGTERM and SIGINT, once and twice."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """``first`` is set by the first signal that asks the process to end, ``second`` by the next. ``is_interrupt`` where
    it was a person at the terminal (Ctrl-C), who waits, and needs no notice."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()
        self.is_interrupt = False
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._received, number)

    def _received(self, number: int) -> None:
        self.is_interrupt = self.is_interrupt or number == signal.SIGINT
        (self.second if self.first.is_set() else self.first).set()
