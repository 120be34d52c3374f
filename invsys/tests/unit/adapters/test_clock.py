"""The wall clock."""

from datetime import UTC, datetime

from invsys.adapters.clock import wall_clock
from invsys.domain.interval import to_datetime


def test_it_tells_the_time() -> None:
    before = datetime.now(UTC)
    assert abs((to_datetime(wall_clock()) - before).total_seconds()) < 60
