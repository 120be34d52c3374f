"""Whatever callers do, in whatever order: the promises hold after each step. Over HTTP, on both engines.

The model is the plainest one there is: every live allocation in a list, added up instant by instant.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from invsys_harness import ServedInvsys
from servicekit.testing.careful import careful_http

HOURS = st.integers(0, 23)
BOUNDS = st.one_of(HOURS, st.none())


@dataclass
class Booked:
    resource: str
    path: str
    start: float
    end: float
    quantity: int
    etag: str


def times(start: int | None, end: int | None) -> dict[str, Any]:
    """Hours of one day; None is infinite."""
    body: dict[str, Any] = (
        {"from_infinity": True} if start is None else {"from_datetime": f"2031-05-01T{start:02}:00:00Z"}
    )
    return body | ({"to_infinity": True} if end is None else {"to_datetime": f"2031-05-01T{end:02}:00:00Z"})


def span(start: int | None, end: int | None) -> tuple[float, float]:
    return (float("-inf") if start is None else start, float("inf") if end is None else end)


class Inventory(RuleBasedStateMachine):
    http: httpx.Client
    resources = Bundle("resources")
    booked = Bundle("booked")

    def __init__(self) -> None:
        super().__init__()
        self.capacity: dict[str, int] = {}
        self.live: dict[str, Booked] = {}
        self.seq = self.http.get("/api/events?after=0&limit=1&resource_id=01890000-0000-7000-8000-000000000000").json()[
            "next_after"
        ]
        self.changes = 0

    def level(self, resource: str, at: float, but: str = "") -> int:
        return sum(
            one.quantity
            for one in self.live.values()
            if one.resource == resource and one.path != but and one.start <= at < one.end
        )

    def fits(self, resource: str, bounds: tuple[float, float], quantity: int, but: str = "") -> bool:
        instants = {bounds[0], *(one.start for one in self.live.values())}
        inside = [at for at in instants if bounds[0] <= at < bounds[1]]
        return all(self.level(resource, at, but) + quantity <= self.capacity[resource] for at in inside)

    @rule(target=resources, capacity=st.integers(1, 3))
    def add_resource(self, capacity: int) -> str:
        answer = self.http.post("/api/cars", json={"name": str(uuid.uuid4()), "capacity": capacity})
        assert answer.status_code == 201
        self.changes += 1
        path = answer.headers["Location"]
        self.capacity[path] = capacity
        return str(path)

    @rule(
        target=booked, resource=resources, start=BOUNDS, end=BOUNDS, quantity=st.integers(1, 3), retried=st.booleans()
    )
    def allocate(self, resource: str, start: int | None, end: int | None, quantity: int, retried: bool) -> Any:
        body = {**times(start, end), "allocation_type": "booking", "quantity": quantity}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answer = self.http.post(f"{resource}/allocations", json=body, headers=headers)
        if retried:
            again = self.http.post(f"{resource}/allocations", json=body, headers=headers)
            assert (again.status_code, again.content) == (answer.status_code, answer.content)
        bounds = span(start, end)
        if bounds[0] >= bounds[1] or quantity > self.capacity[resource]:
            assert answer.status_code == 422
            return multiple()
        assert answer.status_code == (201 if self.fits(resource, bounds, quantity) else 409)
        if answer.status_code == 409:
            in_the_way = answer.json()["conflicting_allocation"]["id"]
            assert any(path.endswith(in_the_way) for path in self.live)
            return multiple()
        self.changes += 1
        made = Booked(resource, answer.headers["Location"], *bounds, quantity, answer.headers["ETag"])
        self.live[made.path] = made
        return made

    @rule(one=booked, start=HOURS, end=BOUNDS, quantity=st.integers(1, 3))
    def move(self, one: Booked, start: int, end: int | None, quantity: int) -> None:
        before = self.live.get(one.path)
        patch = {**times(start, end), "quantity": quantity}
        answer = self.http.patch(one.path, json=patch, headers={"If-Match": one.etag})
        if before is None:
            assert answer.status_code == 404
            return
        bounds = span(start, end)
        if bounds[0] >= bounds[1] or quantity > self.capacity[one.resource]:
            assert answer.status_code == 422
        elif not self.fits(one.resource, bounds, quantity, but=one.path):
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200
            self.changes += answer.headers["ETag"] != one.etag
            one.start, one.end, one.quantity, one.etag = *bounds, quantity, answer.headers["ETag"]

    @rule(one=consumes(booked))
    def cancel(self, one: Booked) -> None:
        assert self.http.delete(one.path, headers={"If-Match": '"999"'}).status_code == 412
        assert self.http.delete(one.path, headers={"If-Match": one.etag}).status_code == 204
        assert self.http.delete(one.path, headers={"If-Match": one.etag}).status_code == 404
        del self.live[one.path]
        self.changes += 1

    @rule(resource=resources, start=HOURS, end=HOURS, quantity=st.integers(1, 3))
    def search(self, resource: str, start: int, end: int, quantity: int) -> None:
        if start >= end:
            return
        name = self.http.get(resource).json()["name"]
        window = f"free_from=2031-05-01T{start:02}:00:00Z&free_to=2031-05-01T{end:02}:00:00Z"
        found = self.http.get(f"/api/cars?name_prefix={name}&{window}&quantity={quantity}").json()["items"]
        assert bool(found) is self.fits(resource, (start, end), quantity)

    @invariant()
    def what_is_stored_is_what_was_accepted(self) -> None:
        for resource, capacity in self.capacity.items():
            stored = self.http.get(f"{resource}/allocations?limit=500").json()["items"]
            mine = {one.path.rpartition("/")[2] for one in self.live.values() if one.resource == resource}
            assert {item["id"] for item in stored} == mine
            used = [segment["used"] for segment in self.http.get(f"{resource}/free-busy").json()["segments"]]
            assert max(used) <= capacity
            assert max(used) == max((self.level(resource, one.start) for one in self.live.values()), default=0)

    @invariant()
    def each_change_is_told_once_in_order(self) -> None:
        events = self.http.get(f"/api/events?after={self.seq}&limit=500").json()["events"]
        assert [event["seq"] for event in events] == list(range(self.seq + 1, self.seq + 1 + self.changes))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_promises_hold_after_each_step(served: ServedInvsys) -> None:
    with careful_http(served.base_url) as http:
        machine = type("ServedInventory", (Inventory,), {"http": http})
        checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=20, stateful_step_count=20, suppress_health_check=checks),
        )
    assert '"status": 500' not in served.log.read_text()
    assert served.command("verify").stdout == "no violation\n"
