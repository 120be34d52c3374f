"""Kinds, on both engines."""

import pytest

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import NotFoundError, StateConflictError
from invsys.domain.kind import Kind, Mode
from invsys.service import kinds, resources
from invsys.service.kinds import MAX_AGE_US, KindCatalog
from invsys.service.resources import ResourceDraft

COURT = Kind("court", "courts", Mode.INTERVAL, slot=3_600_000_000)


def test_a_new_kind_is_found_at_once_and_a_changed_one_within_a_second(services: Services) -> None:
    now = 0
    catalog = KindCatalog(services.store, lambda: now)
    with pytest.raises(NotFoundError):
        catalog.by_plural("courts")
    services.store.write(lambda tx: kinds.put(tx, COURT))
    assert catalog.by_plural("courts") == COURT
    schema = {"type": "object"}
    changed = Kind("court", "courts", Mode.INTERVAL, slot=3_600_000_000, attributes_schema=schema)
    services.store.write(lambda tx: kinds.put(tx, changed))
    now += MAX_AGE_US + 1
    assert catalog.by_plural("courts") == changed


def test_a_kind_in_use_keeps_its_path_and_grid(services: Services) -> None:
    services.store.write(lambda tx: kinds.put(tx, COURT))
    services.store.write(lambda tx: resources.create(tx, COURT, ResourceDraft("1"), 1))
    for wrong in (Kind("court", "pitches", Mode.INTERVAL, slot=3_600_000_000), Kind("court", "courts")):
        with pytest.raises(StateConflictError):
            services.store.write(lambda tx, wrong=wrong: kinds.put(tx, wrong))
    services.store.write(lambda tx: kinds.put(tx, COURT))


def test_a_plural_belongs_to_one_kind(services: Services) -> None:
    with pytest.raises(StateConflictError):
        services.store.write(lambda tx: kinds.put(tx, Kind("auto", "cars")))
