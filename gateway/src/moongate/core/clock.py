"""The two clocks: one that only goes forward, for durations; one that tells the date."""

from __future__ import annotations

import datetime
import time
from email.utils import format_datetime
from functools import lru_cache

monotonic = time.monotonic


@lru_cache(maxsize=1)
def _format(second: int) -> bytes:
    return format_datetime(datetime.datetime.fromtimestamp(second, datetime.UTC), usegmt=True).encode("ascii")


def http_date() -> bytes:
    """The date as a Date field has it (RFC 9110 section 5.6.7), formatted once a second."""
    return _format(int(wall().timestamp()))


def wall() -> datetime.datetime:
    """The date and time in UTC."""
    return datetime.datetime.now(datetime.UTC)
