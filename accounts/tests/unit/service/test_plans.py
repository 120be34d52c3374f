"""Plans, on both engines."""

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import DuplicateNameError, InvalidValueError, NotFoundError, StateConflictError
from accounts.domain.plan import Period, Plan, Quota
from accounts.service import clients, plans
from accounts_harness.making import make_client
from servicekit.core.errors import StaleVersionError
from servicekit.core.values import ANY, Expected

PLAN = Plan("standard", 100, 1, 200, Quota(1_000_000, Period.MONTH), 20)


def test_a_plan_is_told_whole_whenever_it_changes(services: Services) -> None:
    made = services.store.write(lambda tx: plans.create(tx, PLAN, 1))
    assert services.store.read(lambda tx: plans.find(tx, "standard")) == made
    patch = {"burst": 300, "quota": None, "concurrency": None}
    changed = services.store.write(lambda tx: plans.change(tx, "standard", patch, Expected(frozenset({1}))))
    assert (changed.burst, changed.quota, changed.version) == (300, None, 2)
    assert services.store.read(lambda tx: plans.find(tx, "standard")) == changed
    assert '"burst":300' in (services.store.read(lambda tx: tx.feed.record("plan", "standard")) or "")
    with pytest.raises(StaleVersionError):
        services.store.write(lambda tx: plans.change(tx, "standard", {}, Expected(frozenset({1}))))
    with pytest.raises(InvalidValueError):
        services.store.write(lambda tx: plans.change(tx, "standard", {"burst": 0}, ANY))
    with pytest.raises(DuplicateNameError):
        services.store.write(lambda tx: plans.create(tx, PLAN, 1))


def test_a_plan_in_use_stays(services: Services) -> None:
    services.store.write(lambda tx: plans.create(tx, PLAN, 1))
    client = make_client(services, plan="standard")
    with pytest.raises(StateConflictError):
        services.store.write(lambda tx: plans.remove(tx, "standard", ANY))
    services.store.write(lambda tx: clients.change(tx, client.id, {"plan": None}, ANY))
    services.store.write(lambda tx: plans.remove(tx, "standard", ANY))
    with pytest.raises(NotFoundError):
        services.store.read(lambda tx: plans.find(tx, "standard"))
