"""Use cases on allocations, on both engines."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import AllocationConflictError, NotFoundError
from invsys.domain.ids import new_id
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.service import allocations, resources
from invsys.service.allocations import AllocationDraft

NOW = 1_800_000_000_000_000


def allocate(services: Services, resource_id: str, start: int, end: int) -> str:
    draft = AllocationDraft(Interval(start, end), "booking")
    return services.store.write(lambda tx: allocations.create(tx, "car", resource_id, draft, NOW)).id


def new_car(services: Services, name: str) -> str:
    return services.store.write(lambda tx: resources.create(tx, "car", name, NOW)).id


bounds = st.one_of(st.integers(0, 20), st.sampled_from([ALWAYS, NEVER]))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_accepted_exactly_when_free(services: Services, data: st.DataObject) -> None:
    """Against the plainest model: a list of what was accepted, searched whole."""
    car = new_car(services, new_id(NOW))
    live: dict[str, Interval] = {}
    for _ in range(data.draw(st.integers(1, 12))):
        if live and data.draw(st.booleans()):
            gone = data.draw(st.sampled_from(sorted(live)))
            services.store.write(lambda tx, gone=gone: allocations.cancel(tx, "car", car, gone))
            del live[gone]
            continue
        start, end = sorted((data.draw(bounds), data.draw(bounds)))
        if start == end:
            continue
        wanted = Interval(start, end)
        taken = {ident for ident, interval in live.items() if interval.overlaps(wanted)}
        if taken:
            with pytest.raises(AllocationConflictError) as refused:
                allocate(services, car, start, end)
            assert refused.value.existing.id in taken
        else:
            live[allocate(services, car, start, end)] = wanted
    rows = services.store.read(lambda tx: allocations.page(tx, "car", car, "", 100))
    assert {row.id: row.interval for row in rows} == live


def test_an_allocation_belongs_to_its_resource(services: Services) -> None:
    one, other = new_car(services, "one"), new_car(services, "other")
    ident = allocate(services, one, 1, 2)
    with pytest.raises(NotFoundError):
        services.store.read(lambda tx: allocations.find(tx, "car", other, ident))
    with pytest.raises(NotFoundError):
        services.store.write(lambda tx: allocations.cancel(tx, "car", other, ident))
    services.store.write(lambda tx: allocations.cancel(tx, "car", one, ident))
    with pytest.raises(NotFoundError):
        services.store.write(lambda tx: allocations.cancel(tx, "car", one, ident))
