"""Lapsed holds, on both engines."""

from invsys.bootstrap.wiring import Services
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.service import allocations, holds, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.resources import ResourceDraft

NOW = 1_800_000_000_000_000
CAR = Kind("car", "cars")


def test_settling_gives_everything_back_once(services: Services) -> None:
    store = services.store
    cars = [store.write(lambda tx, n=n: resources.create(tx, CAR, ResourceDraft(f"{n}"), NOW)) for n in range(3)]
    for number in range(holds.BATCH + 10):
        draft = AllocationDraft(Interval(number, number + 1), "booking", hold_seconds=1)
        car = cars[number % 2]
        store.write(lambda tx, car=car, draft=draft: allocations.create(tx, CAR, car.id, draft, NOW))
    forever = AllocationDraft(Interval(0, 5), "booking")
    store.write(lambda tx: allocations.create(tx, CAR, cars[2].id, forever, NOW))

    assert holds.settle_all(store, lambda: NOW) == 0
    later = NOW + 1_000_000
    assert holds.settle_all(store, lambda: later) == holds.BATCH + 10
    assert holds.settle_all(store, lambda: later) == 0
    for car, steps in zip(cars, (0, 0, 2), strict=True):
        found = store.read(lambda tx, car=car: tx.occupancy.steps(car.id, Interval(-1, 10**9), 500))
        assert len(found) == steps
