"""Use cases on allocations, on both engines."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invsys.bootstrap.wiring import Services
from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.errors import (
    AllocationConflictError,
    BatchItemError,
    InvalidValueError,
    NotFoundError,
    StateConflictError,
)
from invsys.domain.ids import new_id
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.domain.kind import Kind, Mode
from invsys.domain.resource import Resource, ResourceStatus
from invsys.service import allocations, resources
from invsys.service.allocations import Address, AllocationDraft
from invsys.service.ports import AllocationQuery
from invsys.service.resources import ResourceDraft
from servicekit.core.errors import StaleVersionError
from servicekit.core.values import ANY, Expected

NOW = 1_800_000_000_000_000
SECOND = 1_000_000
CAR = Kind("car", "cars")


def new_car(services: Services, **more: Any) -> Resource:
    return services.store.write(lambda tx: resources.create(tx, CAR, ResourceDraft(new_id(NOW), **more), NOW))


def allocate(services: Services, car: Resource, start: int, end: int, now: int = NOW, **more: Any) -> Allocation:
    draft = AllocationDraft(Interval(start, end), more.pop("allocation_type", "booking"), **more)
    return services.store.write(lambda tx: allocations.create(tx, CAR, car.id, draft, now))


def at(allocation: Allocation) -> Address:
    return Address(CAR, allocation.resource_id, allocation.id)


def change(services: Services, allocation: Allocation, now: int = NOW, **patch: Any) -> Allocation:
    if "interval" in patch:
        moved = patch["interval"]
        patch["interval"] = lambda _before: moved
    return services.store.write(lambda tx: allocations.change(tx, at(allocation), patch, ANY, now))


def used(services: Services, car: Resource) -> list[tuple[int, int]]:
    everything = Interval(ALWAYS, NEVER)
    steps = services.store.read(lambda tx: tx.occupancy.steps(car.id, everything, 1000))
    return [(step.at, step.level) for step in steps]


bounds = st.one_of(st.integers(0, 12), st.sampled_from([ALWAYS, NEVER]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_accepted_exactly_when_there_is_room(services: Services, data: st.DataObject) -> None:
    """Against the plainest model: a list of what was accepted, added up instant by instant."""
    capacity = data.draw(st.integers(1, 3))
    car = new_car(services, capacity=capacity)
    live: dict[str, Allocation] = {}

    def level(instant: int, but: str = "") -> int:
        return sum(
            one.quantity for one in live.values() if one.id != but and one.interval.start <= instant < one.interval.end
        )

    def has_room(wanted: Interval, quantity: int, but: str = "") -> bool:
        instants = {wanted.start, *(one.interval.start for one in live.values())}
        return all(level(one, but) + quantity <= capacity for one in instants if wanted.start <= one < wanted.end)

    for _ in range(data.draw(st.integers(1, 10))):
        act = data.draw(st.sampled_from(["take", "take", "move", "cancel"])) if live else "take"
        subject = live[data.draw(st.sampled_from(list(live)))] if act != "take" else None
        if act == "cancel" and subject is not None:
            services.store.write(lambda tx, subject=subject: allocations.cancel(tx, at(subject), ANY, NOW))
            del live[subject.id]
            continue
        start, end = sorted((data.draw(bounds), data.draw(bounds)))
        if start == end:
            continue
        wanted, quantity = Interval(start, end), data.draw(st.integers(1, capacity))
        fits = has_room(wanted, quantity, "" if subject is None else subject.id)
        done: Allocation | None
        try:
            if subject is None:
                done = allocate(services, car, start, end, quantity=quantity)
            else:
                done = change(services, subject, interval=wanted, quantity=quantity)
        except AllocationConflictError as refused:
            done, existing = None, refused.existing
        assert fits is (done is not None)
        if done is not None:
            live[done.id] = done
        else:
            assert existing == live[existing.id]
            assert existing.interval.overlaps(wanted)
            assert subject is None or existing.id != subject.id
    rows = services.store.read(lambda tx: allocations.page(tx, CAR, AllocationQuery(car.id, 100)))
    assert {row.id: row for row in rows} == live
    edges = sorted({edge for one in live.values() for edge in (one.interval.start, one.interval.end)} - {NEVER})
    levels = [(edge, level(edge)) for edge in edges]
    assert used(services, car) == [
        step for index, step in enumerate(levels) if step[1] != (levels[index - 1][1] if index else 0)
    ]


def test_an_allocation_belongs_to_its_resource(services: Services) -> None:
    one, other = new_car(services), new_car(services)
    made = allocate(services, one, 1, 2)
    elsewhere = Address(CAR, other.id, made.id)
    with pytest.raises(NotFoundError):
        services.store.read(lambda tx: allocations.find(tx, elsewhere, NOW))
    with pytest.raises(NotFoundError):
        services.store.write(lambda tx: allocations.cancel(tx, elsewhere, ANY, NOW))
    services.store.write(lambda tx: allocations.cancel(tx, at(made), ANY, NOW))
    with pytest.raises(NotFoundError):
        services.store.write(lambda tx: allocations.cancel(tx, at(made), ANY, NOW))


def test_a_hold_blocks_until_its_expiry_and_not_a_moment_longer(services: Services) -> None:
    car = new_car(services)
    hold = allocate(services, car, 10, 20, hold_seconds=60)
    assert (hold.status, hold.hold_expires) == (AllocationStatus.HELD, NOW + 60 * SECOND)
    with pytest.raises(AllocationConflictError):
        allocate(services, car, 10, 20, now=NOW + 60 * SECOND - 1)
    assert services.store.read(lambda tx: allocations.find(tx, at(hold), NOW + 60 * SECOND)).status == "expired"
    taken = allocate(services, car, 10, 20, now=NOW + 60 * SECOND)
    assert taken.status is AllocationStatus.CONFIRMED
    with pytest.raises(StateConflictError) as refused:
        services.store.write(lambda tx: allocations.confirm(tx, at(hold), ANY, NOW + 60 * SECOND))
    assert refused.value.code == "hold_expired"


def test_a_confirmed_hold_stays(services: Services) -> None:
    car = new_car(services)
    hold = allocate(services, car, 10, 20, hold_seconds=60)
    confirmed = services.store.write(lambda tx: allocations.confirm(tx, at(hold), ANY, NOW))
    assert (confirmed.status, confirmed.hold_expires) == (AllocationStatus.CONFIRMED, None)
    assert services.store.write(lambda tx: allocations.confirm(tx, at(hold), ANY, NOW + 10**12)) == confirmed
    with pytest.raises(AllocationConflictError):
        allocate(services, car, 10, 20, now=NOW + 10**12)
    with pytest.raises(StateConflictError):
        change(services, confirmed, hold_seconds=5)


def test_a_hold_may_be_prolonged(services: Services) -> None:
    hold = allocate(services, new_car(services), 10, 20, hold_seconds=60)
    assert change(services, hold, now=NOW + 30 * SECOND, hold_seconds=60).hold_expires == NOW + 90 * SECOND


def test_a_change_from_a_stale_version_is_refused(services: Services) -> None:
    made = allocate(services, new_car(services), 10, 20)
    change(services, made, description="first")
    with pytest.raises(StaleVersionError):
        services.store.write(lambda tx: allocations.change(tx, at(made), {}, Expected(frozenset({1})), NOW))


def test_interval_kinds_take_whole_slots(services: Services) -> None:
    court = Kind("court", "courts", Mode.INTERVAL, slot=60 * SECOND, anchor=15 * SECOND)
    services.store.write(lambda tx: tx.kinds.put(court))
    one = services.store.write(lambda tx: resources.create(tx, court, ResourceDraft("1"), NOW))

    def book(start: int, end: int) -> None:
        draft = AllocationDraft(Interval(start, end), "booking")
        services.store.write(lambda tx: allocations.create(tx, court, one.id, draft, NOW))

    book(15 * SECOND, 135 * SECOND)
    book(-105 * SECOND, -45 * SECOND)
    book(195 * SECOND, NEVER)
    for start, end, field in ((0, 195, "from_datetime"), (135, 140, "to_datetime")):
        with pytest.raises(InvalidValueError) as refused:
            book(start * SECOND, end * SECOND)
        assert (refused.value.field, refused.value.code) == (field, "off_grid")


def test_a_resource_in_maintenance_takes_maintenance_only(services: Services) -> None:
    car = new_car(services, status=ResourceStatus.MAINTENANCE)
    with pytest.raises(StateConflictError):
        allocate(services, car, 10, 20)
    allocate(services, car, 10, 20, allocation_type="maintenance")


def test_more_than_there_is_is_no_conflict_but_wrong(services: Services) -> None:
    with pytest.raises(InvalidValueError) as refused:
        allocate(services, new_car(services, capacity=2), 10, 20, quantity=3)
    assert refused.value.field == "quantity"


def test_an_atomic_batch_sees_itself_and_leaves_nothing_when_refused(services: Services) -> None:
    one, pool = new_car(services), new_car(services, capacity=3)
    two = AllocationDraft(Interval(10, 20), "booking", quantity=2)
    single = AllocationDraft(Interval(10, 20), "booking")
    items = [(one.id, single), (pool.id, two), (pool.id, two)]
    with pytest.raises(BatchItemError) as refused:
        services.store.write(lambda tx: allocations.create_batch(tx, CAR, items, True, NOW))
    assert refused.value.index == 2
    assert used(services, one) == []
    done = services.store.write(lambda tx: allocations.create_batch(tx, CAR, items, False, NOW))
    assert [isinstance(outcome, Allocation) for outcome in done] == [True, True, False]
    assert used(services, pool) == [(10, 2), (20, 0)]


def test_a_batch_for_an_unknown_resource_says_which_item(services: Services) -> None:
    draft = AllocationDraft(Interval(10, 20), "booking")
    items = [(new_car(services).id, draft), ("unknown", draft)]
    with pytest.raises(BatchItemError) as refused:
        services.store.write(lambda tx: allocations.create_batch(tx, CAR, items, True, NOW))
    assert (refused.value.index, type(refused.value.cause)) == (1, NotFoundError)


def test_true_in_place_of_1_is_a_change(services: Services) -> None:
    booked = allocate(services, new_car(services), 0, 5, dump={"paid": 1})
    assert change(services, booked, dump={"paid": 1}).version == 1
    after = change(services, booked, dump={"paid": True})
    assert (after.version, repr(after.dump)) == (2, "{'paid': True}")
    assert services.store.read(lambda tx: allocations.find(tx, at(booked), NOW)).version == 2
