"""The shapes."""

import pytest
from pydantic import ValidationError

from invsys.domain.errors import InvalidValueError
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.web.schemas import AllocationIn

BASE = {"allocation_type": "booking"}


def test_either_end_may_be_infinite() -> None:
    both = AllocationIn.model_validate({**BASE, "from_infinity": True, "to_infinity": True})
    assert both.interval() == Interval(ALWAYS, NEVER)
    open_end = AllocationIn.model_validate({**BASE, "from_datetime": "1970-01-01T00:00:01Z", "to_infinity": True})
    assert open_end.interval() == Interval(1_000_000, NEVER)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "from_datetime"),
        ({"from_infinity": True}, "to_datetime"),
        ({"from_infinity": True, "from_datetime": "2026-01-01T00:00:00Z", "to_infinity": True}, "from_infinity"),
        ({"from_datetime": "2026-01-01T00:00:00Z", "to_datetime": "2026-01-01T01:00:00+01:00"}, "to_datetime"),
        ({"from_datetime": "2026-01-02T00:00:00Z", "to_datetime": "2026-01-01T00:00:00Z"}, "to_datetime"),
    ],
)
def test_an_interval_that_is_none_is_refused_at_its_field(body: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        AllocationIn.model_validate({**BASE, **body}).interval()
    assert refused.value.field == field


def test_nothing_is_converted() -> None:
    for body in ({"from_infinity": "true"}, {"from_infinity": 1}, {"from_datetime": 5}, {"allocation_type": 5}):
        with pytest.raises(ValidationError):
            AllocationIn.model_validate({**BASE, **body})
