"""The timeline: what a page shows, as plain numbers. A row for each resource, a bar for each allocation."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any

from invsys.domain.allocation import Allocation
from invsys.domain.interval import ALWAYS, NEVER, Interval, to_datetime, to_micros
from invsys.domain.resource import Resource

ZOOMS = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a page shows: a day, seven days, or a calendar month, from midnight `first` on, in UTC."""

    zoom: str
    first: datetime

    @property
    def days(self) -> int:
        """How many."""
        return {"day": 1, "week": 7, "month": monthrange(self.first.year, self.first.month)[1]}[self.zoom]

    @property
    def interval(self) -> Interval:
        """From the first midnight to the last."""
        return Interval(to_micros(self.first), to_micros(self.first + timedelta(days=self.days)))

    def earlier(self) -> str:
        """The date that the page before begins with; at the calendar's beginning this one's."""
        try:
            before = self.first - timedelta(days=1 if self.zoom == "month" else self.days)
        except OverflowError:
            return self.first.date().isoformat()
        return (before.replace(day=1) if self.zoom == "month" else before).date().isoformat()

    def later(self) -> str:
        """The date that the next page begins with; at the calendar's end this one's."""
        after = self.first + timedelta(days=self.days)
        return (self.first if after.year == MAXYEAR else after).date().isoformat()

    def title(self) -> str:
        """What a person calls these days; no year, month or day is said twice."""
        begin, end = self.first, self.first + timedelta(days=self.days - 1)
        if self.zoom == "month":
            return f"{begin:%B} {begin.year}"
        if self.zoom == "day":
            return f"{begin:%A %-d %B} {begin.year}"
        year = "" if begin.year == end.year else f" {begin.year}"
        month = "" if begin.month == end.month else f" {begin:%B}"
        return f"{begin.day}{month}{year} \u2013 {end:%-d %B} {end.year}"

    def ticks(self, now: int) -> list[dict[str, Any]]:
        """The columns: hours of a day, days of a week or month. `look` tells weekends and today apart."""
        if self.zoom == "day":
            return [{"label": f"{hour:02}", "share": 100 / 12, "look": ""} for hour in range(0, 24, 2)]
        days = [self.first + timedelta(days=day) for day in range(self.days)]
        form = "%a %-d" if self.zoom == "week" else "%-d"
        today = to_datetime(now).date()
        return [
            {"label": day.strftime(form), "share": 100 / self.days, "look": _look(day, is_today=day.date() == today)}
            for day in days
        ]

    def place(self, instant: int) -> float:
        """Where an instant stands, in per cent of the window's width, its edges at most."""
        span = self.interval
        inside = min(max(instant, span.start), span.end)
        return round((inside - span.start) * 100 / (span.end - span.start), 3)


def window(zoom: str, first: str | None, now: int) -> Window:
    """The window asked for; without a date the one with today in it. A month begins on its first day, a week without a
    date on Monday.

    Raises ValueError when `first` is no date, or in the last year of the calendar.
    """
    if first is None:
        begin = to_datetime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        if zoom == "week":
            begin -= timedelta(days=begin.weekday())
    else:
        begin = datetime.strptime(first, "%Y-%m-%d").replace(tzinfo=UTC)
    if begin.year == MAXYEAR:
        raise ValueError("is at the end of the calendar")
    return Window(zoom, begin.replace(day=1) if zoom == "month" else begin)


def _look(day: datetime, is_today: bool) -> str:
    return " ".join(name for name, holds in (("weekend", day.weekday() > 4), ("today", is_today)) if holds)


def rows(found: Sequence[tuple[Resource, Sequence[Allocation]]], shown: Window) -> list[dict[str, Any]]:
    """One row for each resource; its bars in lanes, so that none covers another."""
    return [
        {"resource": resource, **_lanes([_bar(allocation, shown) for allocation in taken])} for resource, taken in found
    ]


def _lanes(bars: list[dict[str, Any]]) -> dict[str, Any]:
    ends: list[int] = []
    for bar in sorted(bars, key=lambda bar: (bar["start"], bar["end"])):
        lane = next((index for index, end in enumerate(ends) if end <= bar["start"]), len(ends))
        ends[lane : lane + 1] = [bar["end"]]
        bar["lane"] = lane
    return {"bars": sorted(bars, key=lambda bar: int(bar["start"])), "lanes": max(1, len(ends))}


def _bar(allocation: Allocation, shown: Window) -> dict[str, Any]:
    span = allocation.interval
    left = shown.place(span.start)
    held = "held" if allocation.hold_expires is not None else ""
    return {
        "start": span.start,
        "end": span.end,
        "left": left,
        "width": round(shown.place(span.end) - left, 3),
        "look": held or ("maintenance" if allocation.allocation_type == "maintenance" else "booking"),
        "begin": _text(span.start),
        "finish": _text(span.end),
        "lapses": "" if allocation.hold_expires is None else _text(allocation.hold_expires),
        "text": allocation.description or allocation.allocation_type,
        "quantity": allocation.quantity,
        "allocation": allocation,
    }


def _text(instant: int) -> str:
    if instant in (ALWAYS, NEVER):
        return "ever" if instant == ALWAYS else "further notice"
    moment = to_datetime(instant)
    return f"{moment:%a %-d %b} {moment.year}, {moment:%H:%M}"


def legend() -> Mapping[str, str]:
    """The looks of bars and what they mean."""
    return {"booking": "booked", "held": "held, not confirmed", "maintenance": "maintenance"}
