"""Use cases on resources, on both engines."""

from typing import Any

import pytest

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import AllocationConflictError, DuplicateNameError, InvalidValueError, NotFoundError
from invsys.domain.ids import new_id
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.domain.resource import Resource, ResourceStatus
from invsys.service import allocations, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.ports import ResourceQuery
from invsys.service.resources import ResourceDraft
from servicekit.core.errors import StaleVersionError
from servicekit.core.values import ANY, Expected, Position

NOW = 1_800_000_000_000_000
CAR = Kind("car", "cars")
SCHEMA = {"type": "object", "properties": {"doors": {"type": "integer"}}, "required": ["doors"]}


def new(services: Services, name: str, kind: Kind = CAR, **more: Any) -> Resource:
    return services.store.write(lambda tx: resources.create(tx, kind, ResourceDraft(name, **more), NOW))


def change(services: Services, car: Resource, patch: dict[str, Any], expected: Expected = ANY) -> Resource:
    return services.store.write(lambda tx: resources.change(tx, CAR, car.id, patch, expected, NOW))


def book(services: Services, car: Resource, start: int, end: int, quantity: int = 1) -> None:
    draft = AllocationDraft(Interval(start, end), "booking", quantity)
    services.store.write(lambda tx: allocations.create(tx, CAR, car.id, draft, NOW))


def names(services: Services, **query: Any) -> list[str]:
    rows = services.store.read(lambda tx: resources.page(tx, ResourceQuery("car", query.pop("limit", 100), **query)))
    return [row.name for row in rows]


def test_names_are_unique_within_a_kind_and_free_again_after_decommissioning(services: Services) -> None:
    red = new(services, "red")
    new(services, "red", Kind("lorry", "lorries"))
    with pytest.raises(DuplicateNameError):
        new(services, "red")
    services.store.write(lambda tx: resources.decommission(tx, "car", red.id, False, ANY, NOW))
    assert new(services, "red").id != red.id
    with pytest.raises(NotFoundError):
        services.store.write(lambda tx: resources.decommission(tx, "car", red.id, False, ANY, NOW))


def test_a_resource_of_another_kind_is_not_found(services: Services) -> None:
    car = new(services, "red")
    assert services.store.read(lambda tx: resources.find(tx, "car", car.id)) == car
    for kind, ident in (("lorry", car.id), ("car", new_id(NOW)), ("car", "\x00"), ("car", "")):
        with pytest.raises(NotFoundError):
            services.store.read(lambda tx, kind=kind, ident=ident: resources.find(tx, kind, ident))
        with pytest.raises(NotFoundError):
            services.store.write(lambda tx, kind=kind, ident=ident: resources.claim(tx, kind, ident, NOW))


def test_a_change_counts_only_when_it_is_one(services: Services) -> None:
    car = new(services, "red")
    new(services, "blue")
    assert change(services, car, {"name": "red"}).version == 1
    assert change(services, car, {"name": "green"}).version == 2
    with pytest.raises(DuplicateNameError):
        change(services, car, {"name": "blue"})
    assert services.store.read(lambda tx: resources.find(tx, "car", car.id)).name == "green"


def test_a_change_from_a_stale_version_is_refused(services: Services) -> None:
    car = new(services, "red")
    change(services, car, {"name": "green"}, Expected(frozenset({1})))
    with pytest.raises(StaleVersionError) as refused:
        change(services, car, {"name": "blue"}, Expected(frozenset({1})))
    assert refused.value.current == 2


def test_attributes_and_labels_are_merged(services: Services) -> None:
    car = new(services, "red", attributes={"a": 1, "deep": {"x": 1, "y": 2}}, labels={"fleet": "acme", "spot": "7"})
    patch = {"attributes": {"a": None, "deep": {"y": 3}, "b": True}, "labels": {"fleet": None, "city": "Oslo"}}
    after = change(services, car, patch)
    assert after.attributes == {"deep": {"x": 1, "y": 3}, "b": True}
    assert after.labels == {"spot": "7", "city": "Oslo"}
    assert names(services, labels={"city": "Oslo"}, attributes={"b": "true"}) == ["red"]
    assert names(services, labels={"fleet": "acme"}) == []


def test_true_in_place_of_1_is_a_change(services: Services) -> None:
    car = new(services, "red", attributes={"towbar": 1, "seats": [0]})
    after = change(services, car, {"attributes": {"towbar": True, "seats": [False]}})
    assert after.version == 2
    assert repr(services.store.read(lambda tx: resources.find(tx, "car", car.id)).attributes) == repr(
        {"towbar": True, "seats": [False]}
    )


def test_attributes_follow_the_schema_of_the_kind(services: Services) -> None:
    strict = Kind("car", "cars", attributes_schema=SCHEMA)
    with pytest.raises(InvalidValueError) as refused:
        new(services, "red", strict, attributes={"doors": "four"})
    assert refused.value.field == "attributes/doors"
    car = new(services, "red", strict, attributes={"doors": 4})
    with pytest.raises(InvalidValueError):
        services.store.write(lambda tx: resources.change(tx, strict, car.id, {"attributes": {"doors": None}}, ANY, NOW))


def test_capacity_never_goes_below_what_is_allocated(services: Services) -> None:
    car = new(services, "pool", capacity=3)
    book(services, car, 0, 10, 2)
    with pytest.raises(AllocationConflictError) as refused:
        change(services, car, {"capacity": 1})
    assert refused.value.code == "capacity_in_use"
    assert change(services, car, {"capacity": 2}).capacity == 2
    single = new(services, "single")
    book(services, single, 0, 10)
    change(services, single, {"capacity": 2})
    book(services, single, 0, 10)
    with pytest.raises(AllocationConflictError):
        change(services, single, {"capacity": 1})


def test_decommissioning_minds_allocations_that_have_not_ended(services: Services) -> None:
    car = new(services, "red")
    book(services, car, NOW - 10, NOW)
    book(services, car, NOW + 10, NOW + 20)
    with pytest.raises(AllocationConflictError) as refused:
        services.store.write(lambda tx: resources.decommission(tx, "car", car.id, False, ANY, NOW))
    assert refused.value.existing.interval == Interval(NOW + 10, NOW + 20)
    services.store.write(lambda tx: resources.decommission(tx, "car", car.id, True, ANY, NOW))
    assert names(services) == []
    assert names(services, statuses=(ResourceStatus.DECOMMISSIONED,)) == ["red"]


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_follow_each_other_without_gap_or_repeat(services: Services, by_name: bool, descending: bool) -> None:
    made = [new(services, name) for name in ("b", "a", "Ä", "c c", "z", "Z", "é", "e", "0")]
    rows = sorted(made, key=lambda row: row.name.encode() if by_name else row.id.encode(), reverse=descending)
    seen: list[str] = []
    after: Position | None = None
    while True:
        query = ResourceQuery("car", 2, by_name=by_name, descending=descending, after=after)
        page = services.store.read(lambda tx, query=query: resources.page(tx, query))
        if not page:
            break
        seen += [row.name for row in page]
        after = Position(page[-1].name if by_name else None, page[-1].id)
    assert seen == [row.name for row in rows]


def test_free_means_room_all_through(services: Services) -> None:
    one, pool = new(services, "one"), new(services, "pool", capacity=3)
    new(services, "broken", status=ResourceStatus.MAINTENANCE)
    book(services, one, 10, 20)
    book(services, pool, 10, 15, 2)
    book(services, pool, 18, 20, 3)
    expected = {
        (0, 10, 1): ["one", "pool"],
        (20, 30, 1): ["one", "pool"],
        (15, 18, 3): ["pool"],
        (10, 15, 1): ["pool"],
        (10, 15, 2): [],
        (0, 30, 1): [],
        (15, 19, 1): [],
        (0, 5, 4): [],
    }
    for (start, end, quantity), found in expected.items():
        assert names(services, free=Interval(start, end), quantity=quantity, by_name=True) == found, (
            start,
            end,
            quantity,
        )


def test_name_prefixes_are_exact(services: Services) -> None:
    for name in ("car 1", "car 10", "car", "ca", "cas", "car\U0010ffff", "Car"):
        new(services, name)
    assert sorted(names(services, name_prefix="car")) == ["car", "car 1", "car 10", "car\U0010ffff"]
    assert names(services, name_prefix="car_") == []


@pytest.mark.parametrize("member", ["labels", "attributes"])
def test_small_patches_do_not_add_up_to_a_resource_without_bounds(services: Services, member: str) -> None:
    car = new(services, "red")
    change(services, car, {member: {f"a{number}": "x" for number in range(60)}})
    with pytest.raises(InvalidValueError) as refused:
        change(services, car, {member: {f"b{number}": "x" for number in range(60)}})
    assert refused.value.field == member
