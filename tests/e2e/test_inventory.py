"""The inventory manager as a client of the gateway sees it: a real HTTP client, the gateway, invsys, SQLite."""

import json
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from system_harness.running import TESTS, RunningSystem

PROCESSES = 8
TRIES = 50


def create(api: httpx.Client, kind: str = "cars") -> str:
    answer = api.post(f"/{kind}", json={"name": f"{kind}-{uuid.uuid4()}"})
    assert answer.status_code == 201, answer.text
    ident: str = answer.json()["id"]
    return ident


def slot(start: int, end: int, **more: Any) -> dict[str, Any]:
    day = "2027-03-01T{:02}:00:00Z"
    return {"from_datetime": day.format(start), "to_datetime": day.format(end), "allocation_type": "booking", **more}


UNBOUNDED = {"from_infinity": True, "to_infinity": True, "allocation_type": "maintenance"}


@pytest.mark.parametrize("kind", ["cars", "lorries", "trucks"])
def test_a_resource_lives_its_life_through_the_gateway(api: httpx.Client, kind: str) -> None:
    path = f"/{kind}/{create(api, kind)}"
    assert api.get(path).json()["resource_type"] == kind.rstrip("s").replace("lorrie", "lorry")
    renamed = api.patch(path, json={"name": f"renamed-{uuid.uuid4()}"})
    assert renamed.status_code == 200
    assert api.get(path).json() == renamed.json()
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_lists_are_read_page_by_page_to_their_end(api: httpx.Client) -> None:
    created = {create(api, "trucks") for _ in range(5)}
    seen: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while query:
        page = api.get("/trucks", params=query)
        assert page.status_code == 200
        seen += [item["id"] for item in page.json()["items"]]
        cursor = page.json()["next_cursor"]
        query = {"limit": "2", "cursor": cursor} if cursor else {}
    assert created <= set(seen)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (slot(10, 20), 409),
        (slot(5, 22), 409),
        (slot(12, 14), 409),
        (slot(5, 11), 409),
        (slot(19, 22), 409),
        (UNBOUNDED, 409),
        (slot(20, 22), 201),
        (slot(5, 10), 201),
    ],
    ids=["identical", "enclosing", "inside", "over the start", "over the end", "unbounded", "after", "before"],
)
def test_an_overlap_is_refused_with_the_allocation_in_the_way(
    api: httpx.Client, second: dict[str, Any], status: int
) -> None:
    path = f"/cars/{create(api)}/allocations"
    first = api.post(path, json=slot(10, 20, description="trip to the sea", dump={"driver": ["Ada", None, 1.5]}))
    assert first.status_code == 201
    answer = api.post(path, json=second)
    assert answer.status_code == status
    if status == 409:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["conflicting_allocation"] == first.json()
    assert len(api.get(path).json()["items"]) == (1 if status == 409 else 2)


def test_after_an_unbounded_allocation_every_other_is_a_conflict(api: httpx.Client) -> None:
    path = f"/lorries/{create(api, 'lorries')}/allocations"
    first = api.post(path, json=UNBOUNDED)
    assert first.status_code == 201
    for later in (slot(10, 20), UNBOUNDED, {**UNBOUNDED, "from_infinity": False, **slot(1, 2), "to_infinity": False}):
        answer = api.post(path, json=later)
        assert answer.status_code == 409, answer.text
        assert answer.json()["conflicting_allocation"]["id"] == first.json()["id"]


def test_a_deleted_allocation_makes_room(api: httpx.Client) -> None:
    path = f"/cars/{create(api)}/allocations"
    first = api.post(path, json=slot(10, 20))
    assert api.delete(f"{path}/{first.json()['id']}").status_code == 204
    assert api.post(path, json=slot(10, 20)).status_code == 201


def test_what_is_unknown_is_404(api: httpx.Client) -> None:
    car, stranger = create(api), uuid.uuid4()
    for path in (f"/cars/{stranger}", "/cars/7", f"/lorries/{car}", f"/lorries/{car}/allocations"):
        assert api.get(path).status_code == 404, path
    for path in (f"/cars/{car}/allocations/{stranger}", f"/cars/all/allocations/{stranger}", f"/cars/{stranger}"):
        assert api.delete(path).status_code == 404, path
    assert api.post(f"/lorries/{car}/allocations", json=slot(10, 20)).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"name": ', 400),
        (b"\xff\xfe", 400),
        (b"", 400),
        (b"{}", 422),
        (b'{"name": 7}', 422),
        (b'{"name": ""}', 422),
        (b"[]", 422),
    ],
)
def test_a_bad_body_is_told_apart_from_a_wrong_one(api: httpx.Client, body: bytes, status: int) -> None:
    answer = api.post("/cars", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_path_without_a_route_is_answered_by_the_gateway_itself(running: RunningSystem) -> None:
    answer = httpx.get(f"{running.url}/api/boats")
    assert (answer.status_code, answer.json()["code"]) == (404, "route_not_found")
    assert answer.json()["origin"] == "gateway"


@pytest.fixture
def contenders(running: RunningSystem, api: httpx.Client) -> Iterator[list[subprocess.Popen[str]]]:
    url = f"{running.url}/api/cars/{create(api)}/allocations"
    command = [sys.executable, "-m", "system_harness.contender", url, running.headers["X-API-Key"]]
    command += [json.dumps(slot(10, 20)), str(TRIES)]
    with ExitStack() as held:
        yield [
            held.enter_context(
                subprocess.Popen(command, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(PROCESSES)
        ]


def test_of_many_processes_after_one_slot_exactly_one_gets_it(contenders: list[subprocess.Popen[str]]) -> None:
    for one in contenders:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    for one in contenders:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    statuses: Counter[str] = Counter()
    for one in contenders:
        assert one.stdout
        statuses.update(json.loads(one.stdout.readline()))
    assert statuses == {"201": 1, "409": PROCESSES * TRIES - 1}


def test_nobody_acts_in_the_name_of_another_client(api: httpx.Client) -> None:
    """Else a caller could read, by its idempotency key, what another client was answered, or write its history."""
    body, key = {"name": f"named {uuid.uuid4()}"}, str(uuid.uuid4())
    first, second = (
        api.post("/cars", json=body, headers={"Idempotency-Key": key, "X-Client-Id": name}) for name in ("ada", "bob")
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotent-Replayed"] == "true"  # neither name arrived: both are nobody
