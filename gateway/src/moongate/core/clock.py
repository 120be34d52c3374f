"""The two clocks: one that only goes forward, for durations; one that tells the date."""

from __future__ import annotations

import datetime
import time

monotonic = time.monotonic


def wall() -> datetime.datetime:
    """The date and time in UTC."""
    return datetime.datetime.now(datetime.UTC)
