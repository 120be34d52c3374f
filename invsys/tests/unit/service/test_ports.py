"""The ports: what the wiring provides is what they ask for."""

import time

from invsys.bootstrap.wiring import Services


def test_the_clock_counts_microseconds_since_1970(services: Services) -> None:
    assert abs(services.clock() - time.time_ns() // 1000) < 60_000_000


def test_a_write_that_raises_leaves_nothing(services: Services) -> None:
    from invsys.domain.resource import Resource, ResourceStatus

    resource = Resource("01890000-0000-7000-8000-000000000000", "car", "red", ResourceStatus.ACTIVE, 1, 1)

    class Stop(Exception):  # noqa: N818
        pass

    try:
        services.store.write(lambda tx: (tx.resources.add(resource), _raise(Stop())))
    except Stop:
        pass
    assert services.store.read(lambda tx: tx.resources.get("car", resource.id)) is None


def _raise(error: Exception) -> None:
    raise error
