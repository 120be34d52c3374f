"""A clock that a test moves forward, for processes that it starts: fifteen minutes pass in a moment."""

import mmap
import struct
import time
from pathlib import Path

from system_harness.running import TESTS


class MovedClock:
    """`environment` is for the processes that shall live by it; `file` is made, and must stay while they run."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(8))
        with file.open("r+b") as opened:
            self._moved = mmap.mmap(opened.fileno(), 8)
        self.environment = {"MOVED_CLOCK": str(file), "PYTHONPATH": str(TESTS / "system_harness" / "moved_clock")}
        self.seconds = 0

    def forward(self, seconds: int) -> None:
        """So much time passes at once."""
        self.seconds += seconds
        self._moved[:8] = struct.pack("q", self.seconds)

    def time(self) -> float:
        """The date that the processes have, in seconds since 1970."""
        return time.time() + self.seconds
