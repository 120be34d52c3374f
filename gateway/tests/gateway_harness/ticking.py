"""A wheel whose time passes when a test says so."""

from __future__ import annotations

from gateway_harness.fake_loop import FakeLoop
from moongate.net.turn import Turn
from moongate.net.wheel import TICK_SECONDS, Wheel


class Ticking:
    """``loop``, ``wheel`` and ``turn``, at rest."""

    def __init__(self) -> None:
        self.loop = FakeLoop()
        self.wheel = Wheel(self.loop.as_loop)
        self.turn = Turn(self.loop.as_loop)

    def let_pass(self, seconds: float) -> None:
        """``seconds`` pass, tick by tick, and with each what the loop was asked to call."""
        for _ in range(int(seconds / TICK_SECONDS)):
            self.wheel.advance()
            self.loop.run_until_quiet()
