"""When accounts was last heard, so that it outlives the process; a clock that was set back makes nothing young."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from moongate.core.clock import monotonic, wall

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Moment(msgspec.Struct, frozen=True):
    """``wall`` in seconds since 1970; ``monotonic`` in seconds since the machine started, whose run is ``boot``: empty
    where that is not known."""

    wall: float
    monotonic: float
    boot: str

    def age(self, now: Moment) -> float:
        """Seconds from this to ``now``; infinite where that can not be told, since nobody may rely on it then."""
        if self.boot and self.boot == now.boot and self.monotonic <= now.monotonic:
            return now.monotonic - self.monotonic
        return now.wall - self.wall if self.wall <= now.wall else float("inf")


def current() -> Moment:
    """Now, on this machine."""
    try:
        boot = _BOOT_ID.read_text().strip()
    except OSError:
        boot = ""
    return Moment(wall().timestamp(), monotonic(), boot)
