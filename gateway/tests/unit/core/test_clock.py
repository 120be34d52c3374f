"""Two clocks: durations never jump, dates know their zone."""

from __future__ import annotations

import datetime

from moongate.core import clock


def test_the_clock_for_durations_never_goes_back() -> None:
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)


def test_the_clock_for_dates_tells_utc() -> None:
    now = clock.wall()
    assert now.utcoffset() == datetime.timedelta(0)
    assert now.isoformat().endswith("+00:00")
