"""The sweeper."""

import logging

import pytest

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.sweeper import start, sweep
from invsys.bootstrap.wiring import Services, build_services
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.service import allocations, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.resources import ResourceDraft
from servicekit.core.idempotency import StoredAnswer


def test_a_round_settles_and_forgets(services: Services) -> None:
    kind = Kind("car", "cars")
    car = services.store.write(lambda tx: resources.create(tx, kind, ResourceDraft("a"), 1))
    draft = AllocationDraft(Interval(1, 2), "booking", hold_seconds=1)
    services.store.write(lambda tx: allocations.create(tx, kind, car.id, draft, 1))
    services.store.write(lambda tx: tx.idempotency.add("key", StoredAnswer("", 200, {}, ""), 1))
    sweep(services, forget=True)
    assert services.store.read(lambda tx: tx.allocations.due(None, 2**60, 10)) == []
    assert services.store.read(lambda tx: tx.idempotency.find("key")) is None


def test_a_database_that_is_gone_is_left_for_the_next_round(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "invsys.sweeper"):
        sweep(build_services(Settings(database_url="postgresql://127.0.0.1:1/none")), forget=False)
    assert "skips a round" in caplog.text


def test_it_can_be_stopped(services: Services) -> None:
    start(services).set()
