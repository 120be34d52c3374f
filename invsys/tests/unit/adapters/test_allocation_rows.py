"""Allocations in SQL."""

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from invsys.bootstrap.wiring import Services
from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.domain.resource import Resource

CAR = Resource("01890000-0000-7000-8000-000000000000", "car", "red", 1)


def allocation(number: int, start: int, end: int, dump: Any = None) -> Allocation:
    ident = f"01890000-0000-7000-8000-{number:012x}"
    held = AllocationStatus.HELD
    return Allocation(ident, CAR.id, "car", Interval(start, end), 2, "booking", held, 7, "ü", dump, 1)


@pytest.mark.parametrize("dump", [None, True, 0, 1.5, "", "ü\U0001f697", [], {"a": [{"b": None}]}, 2**63])
def test_what_is_stored_comes_back(services: Services, dump: Any) -> None:
    one = allocation(1, ALWAYS, NEVER, dump)
    services.store.write(lambda tx: (tx.resources.add(CAR), tx.allocations.add(one)))
    assert services.store.read(lambda tx: tx.allocations.get(CAR.id, one.id)) == one


def test_who_covers_an_instant(services: Services) -> None:
    rows = [allocation(n, n * 10, n * 10 + 5) for n in range(1, 100)]
    services.store.write(lambda tx: (tx.resources.add(CAR), [tx.allocations.add(row) for row in rows]))

    def covering(instant: int, but: str = "") -> Allocation | None:
        return services.store.read(lambda tx: tx.allocations.covering(CAR.id, instant, but))

    assert covering(505) is None
    assert covering(504) == covering(500) == rows[49]
    assert covering(504, rows[49].id) is None


def test_postgresql_itself_refuses_an_overlap_where_capacity_is_one(engine_name: str, services: Services) -> None:
    """The second line: whatever a bug in the first lets through."""
    if engine_name != "postgresql":
        pytest.skip("an EXCLUDE constraint is PostgreSQL's; SQLite has the occupancy trigger")
    services.store.write(lambda tx: (tx.resources.add(CAR), tx.allocations.add(allocation(1, 10, 20))))
    with pytest.raises(DBAPIError, match="allocations_no_overlap"):
        services.store.write(lambda tx: tx.allocations.add(allocation(2, 15, 25)))
    services.store.write(lambda tx: tx.allocations.set_exclusive(CAR.id, False))
    # Capacity is asked anew for each: this row is exclusive, the other is not any more.
    services.store.write(lambda tx: tx.allocations.add(allocation(2, 15, 25)))
