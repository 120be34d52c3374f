"""Free and busy, on both engines."""

from invsys.bootstrap.wiring import Services
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.domain.kind import Kind
from invsys.service import allocations, availability, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.resources import ResourceDraft

CAR = Kind("car", "cars")


def test_segments_fill_the_window(services: Services) -> None:
    car = services.store.write(lambda tx: resources.create(tx, CAR, ResourceDraft("a", capacity=2), 1))
    for start, end in ((10, 20), (15, 30), (40, NEVER)):
        draft = AllocationDraft(Interval(start, end), "booking")
        services.store.write(lambda tx, draft=draft: allocations.create(tx, CAR, car.id, draft, 1))

    def segments(start: int, end: int, limit: int = 10) -> tuple[list[tuple[int, int, int]], int | None]:
        window = Interval(start, end)
        _, found, following = services.store.read(lambda tx: availability.free_busy(tx, "car", car.id, window, limit))
        return [(one.interval.start, one.interval.end, one.used) for one in found], following

    whole = [(ALWAYS, 10, 0), (10, 15, 1), (15, 20, 2), (20, 30, 1), (30, 40, 0), (40, NEVER, 1)]
    assert segments(ALWAYS, NEVER) == (whole, None)
    assert segments(12, 18) == ([(12, 15, 1), (15, 18, 2)], None)
    assert segments(0, 5) == ([(0, 5, 0)], None)
    assert segments(ALWAYS, NEVER, 2) == (whole[:2], 15)
    assert segments(15, NEVER, 4) == (whole[2:], None)
