"""What is kept in memory and written at once is what would have been written one by one, on both engines."""

import random
from typing import Any

import pytest

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import InventoryError
from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.domain.kind import Kind
from invsys.service import allocations, buffered, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.buffered import BufferedTransaction
from invsys.service.ports import AllocationQuery, Transaction
from invsys.service.resources import ResourceDraft

CAR = Kind("car", "cars")
ALL_TIME = Interval(ALWAYS, NEVER)


def wanted(chance: random.Random) -> AllocationDraft:
    start, end = sorted(chance.sample([ALWAYS, *range(40), NEVER], 2))
    return AllocationDraft(Interval(start, end), "booking", chance.randint(1, 3))


def outcome(tx: Transaction, resource: Any, draft: AllocationDraft) -> str:
    try:
        allocations.create_claimed(tx, CAR, resource, draft, 1)
    except InventoryError as error:
        return type(error).__name__
    return "made"


@pytest.mark.parametrize("most", [buffered.MAX_STEPS, 3])
def test_it_decides_and_leaves_what_one_by_one_would(
    services: Services, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(buffered, "MAX_STEPS", most)  # 3: some windows are left to the store
    store, chance = services.store, random.Random(5)
    pair = [store.write(lambda tx, n=n: resources.create(tx, CAR, ResourceDraft(n, capacity=4), 1)) for n in "ab"]

    def plain(tx: Transaction, drafts: list[AllocationDraft]) -> list[str]:
        return [outcome(tx, resources.claim(tx, "car", pair[0].id, 1), draft) for draft in drafts]

    def at_once(tx: Transaction, drafts: list[AllocationDraft]) -> list[str]:
        resource = resources.claim(tx, "car", pair[1].id, 1)
        begin, end = (min(one.interval.start for one in drafts), max(one.interval.end for one in drafts))
        batch = BufferedTransaction(tx, {resource.id: Interval(begin, end)})
        outcomes = [outcome(batch, resource, draft) for draft in drafts]
        batch.flush()
        return outcomes

    seen = set()
    for _ in range(25):
        drafts = [wanted(chance) for _ in range(chance.randint(1, 6))]
        told = store.write(lambda tx, drafts=drafts: plain(tx, drafts))
        assert store.write(lambda tx, drafts=drafts: at_once(tx, drafts)) == told
        seen |= set(told)
        steps = [
            [
                (step.at, step.level)
                for step in store.read(lambda tx, one=one: tx.occupancy.steps(one.id, ALL_TIME, 500))
            ]
            for one in pair
        ]
        assert steps[0] == steps[1]
        # Make room again, so that later rounds meet steps and not only full ones.
        for one in pair:
            store.write(lambda tx, one=one: thin_out(tx, one.id))
    assert seen == {"made", "AllocationConflictError"}
    assert list(services.verify()) == []


def thin_out(tx: Transaction, resource_id: str) -> None:
    resources.claim(tx, "car", resource_id, 1)
    live = sorted(tx.allocations.page(AllocationQuery(resource_id, 100)), key=lambda one: (one.interval, one.quantity))
    for allocation in live[::2]:
        resources.cancel(tx, allocation)
