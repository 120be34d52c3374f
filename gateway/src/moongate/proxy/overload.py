"""When there is more work than can be done in time, some is refused at once, so that the rest is not late.

Two signs are watched: how late the loop's own tick comes (every callback waits as long), and how many exchanges run.
Work of low priority goes first, then the normal; what is marked high (health, admin) is refused last.
"""

from __future__ import annotations

from typing import Final

from moongate.core import limits
from moongate.core.plans import Priority

_NOTHING: Final = 0  # no priority is below it


class Overload:
    """What is refused at present. ``floor`` is the lowest priority that is still served.

    An exchange counts itself, to save two calls: ``in_flight`` goes up, and where it is ``soft_cap`` then `judge` is
    called; it goes down, and where there is a floor `judge` is called.
    """

    __slots__ = ("_cap", "_late_floor", "_late_ticks", "floor", "in_flight", "soft_cap")

    def __init__(self, cap: int = limits.IN_FLIGHT) -> None:
        self.cap = cap
        self.in_flight = 0
        self._late_floor = _NOTHING
        self._late_ticks = 0
        self.floor = _NOTHING

    @property
    def cap(self) -> int:
        """How many exchanges may run."""
        return self._cap

    @cap.setter
    def cap(self, cap: int) -> None:
        self._cap = cap
        self.soft_cap = cap * limits.IN_FLIGHT_SOFT_SHARE  # from so many on there is something to judge

    def ticked(self, lateness: float) -> None:
        """The loop came ``lateness`` seconds late to its tick.

        One late tick may be a pause of the machine, and few exchanges are no overload however slow the processor: both
        must last, or nothing is refused. Half the bound must be reached again before it is lifted.
        """
        self._late_ticks = self._late_ticks + 1 if lateness >= limits.LAG_SOFT_SECONDS else 0
        if lateness < limits.LAG_SOFT_SECONDS / 2 or self.in_flight < limits.LAG_IN_FLIGHT:
            self._late_floor = _NOTHING
        elif self._late_ticks >= limits.LAG_TICKS:
            is_hard = lateness >= limits.LAG_HARD_SECONDS
            self._late_floor = Priority.HIGH if is_hard else max(self._late_floor, Priority.NORMAL)
        self.judge()

    def judge(self) -> None:
        """Find the floor anew."""
        share = self.in_flight / self._cap
        full_floor = _NOTHING
        if share >= limits.IN_FLIGHT_LAST_SHARE:
            full_floor = Priority.HIGH + 1
        elif share >= 1:
            full_floor = Priority.HIGH
        elif share >= limits.IN_FLIGHT_SOFT_SHARE:
            full_floor = Priority.NORMAL
        self.floor = max(self._late_floor, full_floor)
