"""Intervals and instants."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invsys.domain.errors import InvalidValueError
from invsys.domain.interval import ALWAYS, NEVER, Interval, format_instant, parse_instant, to_micros


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        ((10, 20), True),  # identical
        ((5, 25), True),  # enclosing
        ((12, 18), True),  # enclosed
        ((5, 11), True),
        ((19, 30), True),
        ((5, 10), False),  # touching
        ((20, 30), False),
        ((ALWAYS, NEVER), True),
        ((ALWAYS, 10), False),
        ((20, NEVER), False),
    ],
)
def test_overlap(other: tuple[int, int], overlaps: bool) -> None:
    assert Interval(10, 20).overlaps(Interval(*other)) is overlaps
    assert Interval(*other).overlaps(Interval(10, 20)) is overlaps


@given(st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_overlap_is_a_shared_instant(bounds: list[int]) -> None:
    a, b = (Interval(min(pair), max(pair) + 1) for pair in (bounds[:2], bounds[2:]))
    shared = set(range(a.start, a.end)) & set(range(b.start, b.end))
    assert a.overlaps(b) is bool(shared)


@pytest.mark.parametrize(("start", "end", "code"), [(5, 5, "interval_empty"), (6, 5, "interval_reversed")])
def test_empty_and_reversed_are_refused(start: int, end: int, code: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        Interval(start, end)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T09:30:00Z", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        ("2026-11-23t09:30:00z", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        ("2026-11-23T09:30:00.5+02:00", datetime(2026, 11, 23, 7, 30, 0, 500_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_parse(text: str, moment: datetime) -> None:
    assert parse_instant(text) == to_micros(moment)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-11-23T09:30:00", "no UTC offset"),
        ("2026-11-23 09:30", "no UTC offset"),
        ("2026-11-23", "not an RFC 3339"),
        ("now", "not an RFC 3339"),
        ("2026-11-23T09:30:00Z\n", "not an RFC 3339"),
        ("2026-11-23T09:30:00.1234567Z", "at most microseconds"),
        ("２026-11-23T09:30:00Z", "not an RFC 3339"),
        ("2026-02-30T00:00:00Z", "that there is not"),
        ("2026-02-03T24:00:00Z", "that there is not"),
        ("0000-01-01T00:00:00Z", "that there is not"),
        ("2026-02-03T00:00:00 01:00", "%2B in a URL"),
        ("0001-01-01T00:00:00+01:00", "no instant"),
        ("9999-12-31T23:59:59-01:00", "no instant"),
        ("10000-01-01T00:00:00Z", "between the years 1 and 9999"),
        ("+12026-01-01T00:00:00Z", "between the years 1 and 9999"),
    ],
)
def test_parse_refuses_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_instant(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_formatted_parses_to_the_same_instant(moment: datetime) -> None:
    instant = to_micros(moment)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant) == moment
    assert parse_instant(format_instant(instant)) == instant
    assert ALWAYS < instant < NEVER
