"""Two clocks: durations never jump, dates know their zone."""

from __future__ import annotations

import datetime
from email.utils import parsedate_to_datetime

from moongate.core import clock


def test_the_clock_for_durations_never_goes_back() -> None:
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)


def test_the_clock_for_dates_tells_utc() -> None:
    now = clock.wall()
    assert now.utcoffset() == datetime.timedelta(0)
    assert now.isoformat().endswith("+00:00")


def test_the_date_field_is_one_that_others_can_read() -> None:
    before = clock.wall().replace(microsecond=0)
    text = clock.http_date().decode("ascii")
    assert text.endswith(" GMT")
    assert before <= parsedate_to_datetime(text) <= clock.wall()


def test_a_timestamp_is_the_time_to_the_millisecond() -> None:
    before = clock.wall()
    told = clock.timestamp()
    parsed = datetime.datetime.fromisoformat(told)
    assert told.endswith("Z")
    assert len(told) == len("2026-01-01T00:00:00.000Z")
    assert before - datetime.timedelta(milliseconds=1) <= parsed <= clock.wall()
