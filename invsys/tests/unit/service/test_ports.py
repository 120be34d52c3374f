"""The ports: what the wiring provides does what they say."""

import time

import pytest

from invsys.bootstrap.wiring import Services
from invsys.domain.resource import Resource
from invsys.service.ports import Transaction

CAR = Resource("01890000-0000-7000-8000-000000000000", "car", "red", 1)


def test_the_clock_counts_microseconds_since_1970(services: Services) -> None:
    assert abs(services.clock() - time.time_ns() // 1000) < 60_000_000


def test_a_write_that_raises_leaves_nothing(services: Services) -> None:
    def work(tx: Transaction) -> None:
        tx.resources.add(CAR)
        raise KeyError

    with pytest.raises(KeyError):
        services.store.write(work)
    assert services.store.read(lambda tx: tx.resources.get("car", CAR.id)) is None


def test_a_savepoint_undoes_its_part_only(services: Services) -> None:
    def part(tx: Transaction) -> None:
        tx.changes.record("part", CAR, None, {})
        tx.resources.claim("car", CAR.id)
        raise KeyError

    def work(tx: Transaction) -> None:
        tx.resources.add(CAR)
        tx.changes.record("whole", CAR, None, {})
        with pytest.raises(KeyError), tx.savepoint():
            part(tx)

    services.store.write(work)
    assert services.store.read(lambda tx: tx.changes.last()) == 1
    assert services.store.read(lambda tx: tx.resources.get("car", CAR.id)) == CAR
