"""Occupancy in SQL. That it adds up is tested with the use cases; here are its bounds."""

import pytest
from sqlalchemy.exc import DBAPIError

from invsys.bootstrap.wiring import Services
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.domain.resource import Resource

POOL = Resource("01890000-0000-7000-8000-000000000000", "car", "pool", 1, capacity=2)


def test_a_step_is_there_only_where_the_level_changes(services: Services) -> None:
    def run(start: int, end: int, quantity: int) -> list[tuple[int, int]]:
        services.store.write(lambda tx: tx.occupancy.add(POOL.id, Interval(start, end), quantity))
        found = services.store.read(lambda tx: tx.occupancy.steps(POOL.id, Interval(ALWAYS, NEVER), 100))
        return [(step.at, step.level) for step in found]

    services.store.write(lambda tx: tx.resources.add(POOL))
    assert run(10, 20, 1) == [(10, 1), (20, 0)]
    assert run(20, 30, 1) == [(10, 1), (30, 0)]
    assert run(15, 25, 1) == [(10, 1), (15, 2), (25, 1), (30, 0)]
    assert run(10, 20, -1) == [(15, 1), (20, 2), (25, 1), (30, 0)]
    assert run(15, 25, -1) == [(20, 1), (30, 0)]
    assert run(20, 30, -1) == []
    assert run(ALWAYS, NEVER, 1) == [(ALWAYS, 1)]
    assert run(ALWAYS, 5, -1) == [(5, 1)]
    assert run(5, NEVER, -1) == []


def test_the_first_instant_above(services: Services) -> None:
    services.store.write(lambda tx: (tx.resources.add(POOL), tx.occupancy.add(POOL.id, Interval(10, 20), 2)))

    def above(start: int, end: int, level: int) -> int | None:
        return services.store.read(lambda tx: tx.occupancy.first_above(POOL.id, Interval(start, end), level))

    assert above(0, 10, 0) is None
    assert above(20, 30, 0) is None
    assert above(0, 11, 0) == 10
    assert above(15, 30, 1) == 15
    assert above(15, 30, 2) is None
    assert above(ALWAYS, NEVER, 1) == 10


@pytest.mark.parametrize("quantity", [3, -1])
def test_the_engine_itself_refuses_a_level_out_of_bounds(services: Services, quantity: int) -> None:
    services.store.write(lambda tx: tx.resources.add(POOL))
    with pytest.raises(DBAPIError):
        services.store.write(lambda tx: tx.occupancy.add(POOL.id, Interval(10, 20), quantity))
