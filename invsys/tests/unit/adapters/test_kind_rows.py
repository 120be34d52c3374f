"""Kinds in SQL."""

from invsys.bootstrap.wiring import Services
from invsys.domain.kind import SHIPPED, Kind, Mode
from invsys.domain.resource import Resource


def test_the_shipped_kinds_are_there_and_more_come_back_as_stored(services: Services) -> None:
    court = Kind("court", "courts", Mode.INTERVAL, 60, -5, {"type": "object", "title": "ü"})
    services.store.write(lambda tx: tx.kinds.put(court))
    assert services.store.read(lambda tx: tx.kinds.all()) == sorted((*SHIPPED, court), key=lambda kind: kind.code)


def test_in_use_means_by_any_resource(services: Services) -> None:
    assert services.store.read(lambda tx: tx.kinds.in_use("car")) is False
    services.store.write(lambda tx: tx.resources.add(Resource("x", "car", "a", 1)))
    assert services.store.read(lambda tx: tx.kinds.in_use("car")) is True
