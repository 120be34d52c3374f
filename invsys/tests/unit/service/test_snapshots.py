"""Snapshots."""

from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.service.snapshots import allocation_snapshot


def test_infinite_ends_are_flags_and_not_times() -> None:
    held = AllocationStatus.HELD
    one = Allocation("a", "r", "car", Interval(ALWAYS, 0), 1, "booking", held, 1_500_000, None, None, 0)
    body = allocation_snapshot(one)
    assert (body["from_datetime"], body["from_infinity"]) == (None, True)
    assert (body["to_datetime"], body["to_infinity"]) == ("1970-01-01T00:00:00Z", False)
    assert body["hold_expires_at"] == "1970-01-01T00:00:01.500000Z"
    other = Allocation("a", "r", "car", Interval(0, NEVER), 1, "booking", held, None, None, None, 0)
    assert allocation_snapshot(other)["to_infinity"] is True
