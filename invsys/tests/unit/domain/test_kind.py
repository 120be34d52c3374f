"""Kinds."""

from typing import Any

import pytest

from invsys.domain.errors import InvalidValueError
from invsys.domain.interval import ALWAYS, NEVER, Interval, parse_instant
from invsys.domain.kind import SHIPPED, Kind, Mode

HOUR = 3_600_000_000


def test_the_paths_of_the_shipped_kinds() -> None:
    assert {kind.code: kind.plural for kind in SHIPPED} == {"car": "cars", "lorry": "lorries", "truck": "trucks"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "Car"}, "code"),
        ({"code": "c/r"}, "code"),
        ({"plural": ""}, "plural"),
        ({"plural": "events"}, "plural"),
        ({"plural": "c" * 64}, "plural"),
        ({"mode": Mode.INTERVAL}, "slot"),
        ({"slot": 5}, "slot"),
        ({"mode": Mode.INTERVAL, "slot": 0}, "slot"),
    ],
)
def test_what_is_no_kind_is_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        Kind(**{"code": "court", "plural": "courts", **values})
    assert refused.value.field == field


def test_the_grid_says_where_the_next_slots_are() -> None:
    court = Kind("court", "courts", Mode.INTERVAL, HOUR, anchor=HOUR // 2)
    noon = parse_instant("2026-11-23T12:30:00Z")
    court.check_grid(Interval(noon, noon + HOUR))
    court.check_grid(Interval(ALWAYS, NEVER))
    with pytest.raises(InvalidValueError, match="2026-11-23T12:30:00Z and 2026-11-23T13:30:00Z"):
        court.check_grid(Interval(noon + 1, noon + HOUR))


def test_off_the_grid_at_the_end_of_the_calendar_is_refused_too() -> None:
    court = Kind("court", "courts", Mode.INTERVAL, 10**15)
    with pytest.raises(InvalidValueError, match="the end of the calendar"):
        court.check_grid(Interval(0, parse_instant("9999-12-31T23:59:59Z")))
