"""Half-open UTC intervals `[start, end)` in microseconds since 1970, either end possibly infinite.

Microseconds as integers because SQLite and PostgreSQL order and compare them exactly, in one index, with the
infinities as ordinary sentinels far outside the calendar (year 9999 is 2.5e17, the sentinels are 4.6e18).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from invsys.domain.errors import InvalidValueError

ALWAYS = -(2**62)
"""Start of an interval that has no beginning."""
NEVER = 2**62
"""End of an interval that has no end."""

INSTANT_PATTERN = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})$"
_INSTANT = re.compile(INSTANT_PATTERN, re.ASCII)
_NAIVE = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$", re.ASCII)
_FAR = re.compile(r"^[+-]?\d{5,}-.*", re.ASCII)
_SPACED = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})? \d{2}:\d{2}$", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`[start, end)`; `start` is ALWAYS and `end` is NEVER where there is no bound."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start >= self.end:
            kind = "empty" if self.start == self.end else "reversed"
            raise InvalidValueError(
                "to_datetime", f"interval_{kind}", f"the interval is {kind}: it must end after it starts"
            )

    def overlaps(self, other: "Interval") -> bool:
        """Touching ends do not overlap: `[10, 20)` and `[20, 30)` share no instant."""
        return self.start < other.end and other.start < self.end


def parse_instant(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 date-time.

    Raises ValueError, with a sentence a caller can act on, when `text` names no instant: no offset (a naive time
    means another instant to every reader), no such date, more than microseconds, or outside the years 1 to 9999 in UTC.
    """
    if not _INSTANT.fullmatch(text):
        if _NAIVE.fullmatch(text):
            raise ValueError("has no UTC offset: end it with Z or with an offset such as +02:00")
        if _FAR.fullmatch(text):
            raise ValueError("names no instant between the years 1 and 9999 in UTC")
        if _SPACED.fullmatch(text):
            raise ValueError("has a space in place of the + of its offset, which is %2B in a URL")
        raise ValueError("is not an RFC 3339 date-time such as 2026-11-23T09:30:00Z, with at most microseconds")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError("names a day or a time of day that there is not") from None
    try:
        return to_micros(moment.astimezone(UTC))
    except OverflowError:
        raise ValueError("names no instant between the years 1 and 9999 in UTC") from None


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime, exactly (a float would lose the last digits)."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(instant: int) -> datetime:
    """The aware UTC datetime of a finite instant."""
    return _EPOCH + timedelta(microseconds=instant)


def format_instant(instant: int) -> str:
    """RFC 3339 in UTC with `Z`; the fraction only where there is one. ALWAYS and NEVER have no text: ask first."""
    moment = to_datetime(instant).replace(tzinfo=None)
    return moment.isoformat() + "Z"
