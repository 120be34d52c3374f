"""Allocations."""

from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.interval import Interval


def test_an_allocation_is_a_value() -> None:
    fields = ("id", "resource", "car", Interval(1, 2), "booking", AllocationStatus.CONFIRMED, None, {"a": 1}, 1, 1)
    assert Allocation(*fields) == Allocation(*fields)
