"""Python imports this at its start where PYTHONPATH names this directory: a process whose clocks a test moves.

The clocks are the machine's, and beside them the seconds that stand in the file MOVED_CLOCK (see `moving.MovedClock`);
loops of uvloop and waiting in the kernel are not moved. What Python itself waits for is over early when a clock jumps.
"""

import mmap
import os
import struct
import time
from pathlib import Path

with Path(os.environ["MOVED_CLOCK"]).open("rb") as _file:
    _MOVED = mmap.mmap(_file.fileno(), 8, access=mmap.ACCESS_READ)
_time, _time_ns, _monotonic = time.time, time.time_ns, time.monotonic


def _seconds() -> int:
    seconds: int = struct.unpack("q", _MOVED[:8])[0]
    return seconds


time.time = lambda: _time() + _seconds()
time.time_ns = lambda: _time_ns() + _seconds() * 1_000_000_000
time.monotonic = lambda: _monotonic() + _seconds()
