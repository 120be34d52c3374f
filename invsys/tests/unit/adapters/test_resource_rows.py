"""Resources in SQL. Queries are tested with the use cases; here is what is particular to rows."""

import random
from typing import Any

from invsys.bootstrap.wiring import Services
from invsys.domain.resource import Resource, ResourceStatus
from invsys.service.ports import ResourceQuery

BASE = "01890000-0000-7000-8000-00000000000"


def car(number: int, name: str, **more: Any) -> Resource:
    return Resource(f"{BASE}{number}", "car", name, 2**52, **more)


def test_what_is_stored_comes_back(services: Services) -> None:
    one = car(
        1,
        "rød 車 \U0001f697",
        status=ResourceStatus.MAINTENANCE,
        capacity=7,
        attributes={"a": None, "deep": {"x": [1.5, "ü"]}, "big": 2**63},
        labels={"a/b.c": "ü"},
        version=3,
    )
    assert services.store.write(lambda tx: tx.resources.add(one)) is True
    assert services.store.read(lambda tx: tx.resources.get("car", one.id)) == one


def test_a_taken_name_leaves_the_transaction_usable(services: Services) -> None:
    wanted = (car(1, "a"), car(2, "a"), car(3, "b"))
    assert services.store.write(lambda tx: [tx.resources.add(one) for one in wanted]) == [True, False, True]
    assert services.store.read(lambda tx: tx.resources.get("car", wanted[2].id)) == wanted[2]


def test_many_at_once_are_stored_with_what_they_are_searched_by(services: Services) -> None:
    services.store.write(lambda tx: tx.resources.add_many([car(1, "a", labels={"k": "v"}), car(2, "b")]))
    services.store.write(lambda tx: tx.resources.add_many([]))
    assert services.store.read(lambda tx: tx.resources.taken("car", ["a", "b", "c"])) == {"a", "b"}
    found = services.store.read(lambda tx: tx.resources.page(ResourceQuery("car", 9, labels={"k": "v"})))
    assert [one.name for one in found] == ["a"]


def test_a_value_that_no_index_can_hold_is_stored_and_not_searched_by(services: Services) -> None:
    chance = random.Random(1)
    long = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000))  # what PostgreSQL cannot compress
    one = car(1, "a", attributes={"long": long, "short": "x"})
    assert services.store.write(lambda tx: tx.resources.add(one)) is True
    assert services.store.read(lambda tx: tx.resources.get("car", one.id)) == one
    found = services.store.read(lambda tx: tx.resources.page(ResourceQuery("car", 9, attributes={"short": "x"})))
    assert found == [one]
