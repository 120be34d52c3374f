"""Resources in SQL."""

from invsys.bootstrap.wiring import Services
from invsys.domain.resource import Resource, ResourceStatus

CAR = Resource("01890000-0000-7000-8000-000000000000", "car", "rød 車 \U0001f697", ResourceStatus.ACTIVE, 2**52, 1)


def test_what_is_stored_comes_back(services: Services) -> None:
    assert services.store.write(lambda tx: tx.resources.add(CAR)) is True
    assert services.store.read(lambda tx: tx.resources.get("car", CAR.id)) == CAR


def test_a_taken_name_leaves_the_transaction_usable(services: Services) -> None:
    twin = Resource(CAR.id[:-1] + "1", "car", CAR.name, ResourceStatus.ACTIVE, 1, 1)
    other = Resource(CAR.id[:-1] + "2", "car", "other", ResourceStatus.ACTIVE, 1, 1)
    added = services.store.write(lambda tx: [tx.resources.add(one) for one in (CAR, twin, other)])
    assert added == [True, False, True]
    assert services.store.read(lambda tx: tx.resources.get("car", other.id)) == other
