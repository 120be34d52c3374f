"""Times."""

from datetime import UTC, datetime

from accounts.domain.times import MAX_TIME, in_seconds


def test_an_instant_lies_in_its_second() -> None:
    assert (in_seconds(1_999_999), in_seconds(2_000_000)) == (1, 2)


def test_the_calendar_ends() -> None:
    assert datetime.fromtimestamp(MAX_TIME, UTC).isoformat() == "9999-12-31T23:59:59+00:00"
