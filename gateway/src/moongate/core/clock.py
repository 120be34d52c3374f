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


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    return datetime.datetime.fromtimestamp(second, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=1)
def timestamp(millisecond: int) -> str:
    """The date and time in UTC as RFC 3339 has it, so many milliseconds after 1970; formatted once for each."""
    second, rest = divmod(millisecond, 1000)
    return f"{_second(second)}.{rest:03d}Z"


def wall() -> datetime.datetime:
    """The date and time in UTC."""
    return datetime.datetime.now(datetime.UTC)
