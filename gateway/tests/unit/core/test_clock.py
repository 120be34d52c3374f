"""Two clocks: durations never jump, dates know their zone."""

from __future__ import annotations

import datetime
from email.utils import parsedate_to_datetime

import pytest

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


@pytest.mark.parametrize(
    ("milliseconds", "told"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_798_761_599_999, "2026-12-31T23:59:59.999Z"),
        (1_798_761_600_007, "2027-01-01T00:00:00.007Z"),
    ],
)
def test_a_timestamp_is_the_time_to_the_millisecond(milliseconds: int, told: str) -> None:
    assert clock.timestamp(milliseconds) == told
    assert datetime.datetime.fromisoformat(told).timestamp() == milliseconds / 1000
