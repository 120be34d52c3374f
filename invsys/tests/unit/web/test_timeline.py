"""The timeline's numbers."""

import pytest

from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.interval import ALWAYS, NEVER, Interval, parse_instant
from invsys.domain.resource import Resource
from invsys.web.timeline import rows, window

NOW = parse_instant("2026-11-25T15:00:00Z")  # a Wednesday
DAY = 86_400_000_000
POOL = Resource("r", "car", "pool", 1, capacity=3)


def allocation(start: int, end: int) -> Allocation:
    confirmed = AllocationStatus.CONFIRMED
    return Allocation("a", "r", "car", Interval(start, end), 1, "booking", confirmed, None, None, None, 1)


@pytest.mark.parametrize(
    ("zoom", "first", "begins", "days", "earlier", "later"),
    [
        ("day", None, "2026-11-25", 1, "2026-11-24", "2026-11-26"),
        ("week", None, "2026-11-23", 7, "2026-11-16", "2026-11-30"),
        ("month", None, "2026-11-01", 30, "2026-10-01", "2026-12-01"),
        ("week", "2028-02-26", "2028-02-26", 7, "2028-02-19", "2028-03-04"),
        ("month", "2028-02-26", "2028-02-01", 29, "2028-01-01", "2028-03-01"),
        ("month", "0001-01-01", "0001-01-01", 31, "0001-01-01", "0001-02-01"),
        ("week", "9998-12-31", "9998-12-31", 7, "9998-12-24", "9998-12-31"),
    ],
)
# rooms: allow parameters because each case is a row of a table
def test_windows(zoom: str, first: str | None, begins: str, days: int, earlier: str, later: str) -> None:
    shown = window(zoom, first, NOW)
    assert (shown.first.date().isoformat(), shown.days) == (begins, days)
    assert (shown.earlier(), shown.later()) == (earlier, later)
    assert sum(tick["share"] for tick in shown.ticks(NOW)) == pytest.approx(100)


@pytest.mark.parametrize("first", ["2026-02-30", "9999-01-01", "x", "0000-01-01"])
def test_what_is_no_date_is_refused(first: str) -> None:
    with pytest.raises(ValueError):
        window("week", first, NOW)


@pytest.mark.parametrize(
    ("zoom", "first", "title"),
    [
        ("day", "2026-11-27", "Friday 27 November 2026"),
        ("week", "2026-11-23", "23 \u2013 29 November 2026"),
        ("week", "2026-11-30", "30 November \u2013 6 December 2026"),
        ("week", "2026-12-28", "28 December 2026 \u2013 3 January 2027"),
        ("month", "2026-11-02", "November 2026"),
    ],
)
def test_a_title_says_nothing_twice(zoom: str, first: str, title: str) -> None:
    assert window(zoom, first, NOW).title() == title


def test_today_and_weekends_stand_out() -> None:
    looks = [tick["look"] for tick in window("week", None, NOW).ticks(NOW)]
    assert looks == ["", "", "today", "", "", "weekend", "weekend"]
    assert "weekend today" in [tick["look"] for tick in window("month", None, NOW).ticks(NOW + 3 * DAY)]


def test_bars_are_cut_at_the_edges_and_none_covers_another() -> None:
    shown = window("week", None, NOW)
    monday = shown.interval.start
    spans = [(ALWAYS, NEVER), (monday, monday + 7 * DAY // 2), (monday + 7 * DAY // 2, monday + 9 * DAY)]
    (row,) = rows([(POOL, [allocation(*span) for span in spans])], shown)
    assert row["lanes"] == 2
    places = sorted((bar["lane"], bar["left"], bar["width"]) for bar in row["bars"])
    assert places == [(0, 0.0, 100.0), (1, 0.0, 50.0), (1, 50.0, 50.0)]
