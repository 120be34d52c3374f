"""Allocations in SQL."""

from typing import Any

import pytest

from invsys.bootstrap.wiring import Services
from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.domain.resource import Resource, ResourceStatus

CAR = Resource("01890000-0000-7000-8000-000000000000", "car", "red", ResourceStatus.ACTIVE, 1, 1)


def allocation(number: int, start: int, end: int, dump: Any = None) -> Allocation:
    ident = f"01890000-0000-7000-8000-{number:012x}"
    return Allocation(
        ident, CAR.id, "car", Interval(start, end), "booking", AllocationStatus.CONFIRMED, "ü", dump, 1, 1
    )


@pytest.mark.parametrize("dump", [None, True, 0, 1.5, "", "ü\U0001f697", [], {"a": [{"b": None}]}, 2**63])
def test_what_is_stored_comes_back(services: Services, dump: Any) -> None:
    one = allocation(1, ALWAYS, NEVER, dump)
    services.store.write(lambda tx: (tx.resources.add(CAR), tx.allocations.add(one)))
    assert services.store.read(lambda tx: tx.allocations.get(CAR.id, one.id)) == one


def test_the_neighbour_that_overlaps_is_found(services: Services) -> None:
    rows = [allocation(n, n * 10, n * 10 + 5) for n in range(1, 100)]
    services.store.write(lambda tx: (tx.resources.add(CAR), [tx.allocations.add(row) for row in rows]))

    def overlap(start: int, end: int) -> Allocation | None:
        return services.store.read(lambda tx: tx.allocations.live_overlap(CAR.id, Interval(start, end)))

    assert overlap(505, 510) is None
    assert overlap(504, 510) == rows[49]
    assert overlap(505, 511) == rows[50]
    assert overlap(ALWAYS, 10) is None
    assert overlap(995, NEVER) is None
    assert overlap(ALWAYS, NEVER) in rows
