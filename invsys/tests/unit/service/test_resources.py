"""Use cases on resources, on both engines."""

import pytest

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import DuplicateNameError, NotFoundError
from invsys.domain.ids import new_id
from invsys.service import resources

NOW = 1_800_000_000_000_000


def test_names_are_unique_within_a_kind_and_free_again_after_decommissioning(services: Services) -> None:
    store = services.store
    red = store.write(lambda tx: resources.create(tx, "car", "red", NOW))
    store.write(lambda tx: resources.create(tx, "lorry", "red", NOW))
    with pytest.raises(DuplicateNameError):
        store.write(lambda tx: resources.create(tx, "car", "red", NOW))
    store.write(lambda tx: resources.decommission(tx, "car", red.id))
    again = store.write(lambda tx: resources.create(tx, "car", "red", NOW))
    assert again.id != red.id
    with pytest.raises(NotFoundError):
        store.write(lambda tx: resources.decommission(tx, "car", red.id))


def test_a_resource_of_another_kind_is_not_found(services: Services) -> None:
    car = services.store.write(lambda tx: resources.create(tx, "car", "red", NOW))
    assert services.store.read(lambda tx: resources.find(tx, "car", car.id)) == car
    for kind, ident in (("lorry", car.id), ("car", new_id(NOW)), ("car", "\x00"), ("car", "")):
        with pytest.raises(NotFoundError):
            services.store.read(lambda tx, kind=kind, ident=ident: resources.find(tx, kind, ident))
        with pytest.raises(NotFoundError):
            services.store.write(lambda tx, kind=kind, ident=ident: resources.claim(tx, kind, ident))


def test_renaming_counts_as_a_change_only_when_it_is_one(services: Services) -> None:
    store = services.store
    car = store.write(lambda tx: resources.create(tx, "car", "red", NOW))
    store.write(lambda tx: resources.create(tx, "car", "blue", NOW))
    assert store.write(lambda tx: resources.rename(tx, "car", car.id, "red")).version == 1
    assert store.write(lambda tx: resources.rename(tx, "car", car.id, "green")).version == 2
    with pytest.raises(DuplicateNameError):
        store.write(lambda tx: resources.rename(tx, "car", car.id, "blue"))
    assert store.read(lambda tx: resources.find(tx, "car", car.id)).name == "green"


def test_pages_follow_each_other_without_gap_or_repeat(services: Services) -> None:
    made = [
        services.store.write(lambda tx, n=n: resources.create(tx, "car", f"car {n}", NOW + n)).id for n in range(25)
    ]
    seen: list[str] = []
    after = ""
    while rows := services.store.read(lambda tx, after=after: resources.page(tx, "car", after, 10)):
        seen += [row.id for row in rows]
        after = seen[-1]
    assert seen == made
