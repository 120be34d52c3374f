"""The wall clock."""

import time


def wall_clock() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000
