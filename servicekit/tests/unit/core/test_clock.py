"""The wall clock."""

from datetime import UTC, datetime

from invsys.domain.interval import to_datetime
from servicekit.core.clock import wall_clock


def test_it_tells_the_time() -> None:
    before = datetime.now(UTC)
    assert abs((to_datetime(wall_clock()) - before).total_seconds()) < 60
