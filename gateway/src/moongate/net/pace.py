"""How fast a body must come, and how fast an answer must be taken: slower is an attack or a dead peer, and it ends.

A peer owes 240 octets a second on the average (one request of a slow phone network, none of slowloris), and something
in every minute. Time in which the gateway itself did not read is not the peer's.
"""

from __future__ import annotations

from typing import Final

from moongate.core import limits
from moongate.net.wheel import TICK_SECONDS, ticks

WINDOW_TICKS: Final = ticks(limits.PACE_WINDOW_SECONDS)
_WINDOW_SECONDS: Final = WINDOW_TICKS * TICK_SECONDS
_SILENT_WINDOWS: Final = int(limits.BODY_IDLE_SECONDS / limits.PACE_WINDOW_SECONDS)


class Pace:
    """The octets of one transfer, looked at once in a window."""

    __slots__ = ("_marked", "_owed", "_silent", "octets")

    def __init__(self) -> None:
        self.octets = 0
        self._marked = 0
        self._owed = 0.0
        self._silent = 0

    def is_kept(self) -> bool:
        """A window has passed: whether the peer is still fast enough."""
        self._owed += limits.PACE_BYTES_PER_SECOND * _WINDOW_SECONDS
        self._silent = self._silent + 1 if self.octets == self._marked else 0
        self._marked = self.octets
        return self.octets >= self._owed and self._silent < _SILENT_WINDOWS

    def forgive(self) -> None:
        """The gateway held the peer back: what it owes is counted from here."""
        self._owed = self.octets
        self._silent = 0
