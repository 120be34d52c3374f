"""What the tutorial this service descends from got wrong, each as a test over HTTP on both engines."""

from collections.abc import Iterator

import httpx
import pytest

from invsys_harness import ServedInvsys
from servicekit.testing.careful import careful_http
from servicekit.testing.databases import ENGINES, Databases


@pytest.fixture(scope="module", params=ENGINES)
def http(request: pytest.FixtureRequest, databases: Databases) -> Iterator[httpx.Client]:
    with ServedInvsys(databases.migrated(request.param)) as served, careful_http(served.base_url) as client:
        yield client


@pytest.fixture
def car(http: httpx.Client, request: pytest.FixtureRequest) -> str:
    """The path of a car named after the test."""
    answer = http.post("/api/cars", json={"name": request.node.name})
    assert answer.status_code == 201
    return f"/api/cars/{answer.json()['id']}"


def interval(start: int | None, end: int | None) -> dict[str, object]:
    """An allocation from minute `start` to minute `end` of an hour; None is infinite."""
    body: dict[str, object] = {"allocation_type": "booking"}
    body |= {"from_infinity": True} if start is None else {"from_datetime": f"2030-01-01T00:{start:02}:00Z"}
    body |= {"to_infinity": True} if end is None else {"to_datetime": f"2030-01-01T00:{end:02}:00Z"}
    return body


def test_missing_name_is_422_and_duplicate_name_409(http: httpx.Client) -> None:
    assert http.post("/api/cars", json={}).status_code == 422
    assert http.post("/api/cars", json={"name": "twice"}).status_code == 201
    assert http.post("/api/cars", json={"name": "twice"}).status_code == 409
    assert http.post("/api/lorries", json={"name": "twice"}).status_code == 201


def test_bad_json_is_400(http: httpx.Client) -> None:
    answer = http.post("/api/cars", content=b'{"name": ', headers={"content-type": "application/json"})
    assert answer.status_code == 400


def test_unknown_ids_are_404(http: httpx.Client, car: str) -> None:
    unknown = "01890000-0000-7000-8000-000000000000"
    for path in (f"/api/cars/{unknown}", "/api/cars/1", f"/api/cars/{unknown}/allocations", f"{car}/allocations/1"):
        assert http.get(path).status_code == 404
    assert http.delete(f"{car}/allocations/{unknown}").status_code == 404
    assert http.delete(f"/api/cars/all/allocations/{unknown}").status_code == 404


def test_a_car_is_no_lorry(http: httpx.Client, car: str) -> None:
    lorry = car.replace("cars", "lorries")
    assert http.get(lorry).status_code == 404
    assert http.patch(lorry, json={"name": "x"}).status_code == 404
    assert http.delete(lorry).status_code == 404
    assert http.post(f"{lorry}/allocations", json=interval(10, 20)).status_code == 404
    assert http.get(car).status_code == 200


def test_patch_and_delete_work(http: httpx.Client, car: str) -> None:
    assert http.patch(car, json={"name": "renamed"}).json()["name"] == "renamed"
    assert http.delete(car).status_code == 204
    assert http.get(car).status_code == 404


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        (10, 20, 409),
        (5, 25, 409),
        (12, 15, 409),
        (None, None, 409),
        (None, 11, 409),
        (19, None, 409),
        (5, 10, 201),
        (20, 25, 201),
        (None, 10, 201),
        (20, None, 201),
    ],
)
def test_overlap(http: httpx.Client, car: str, start: int | None, end: int | None, status: int) -> None:
    first = http.post(f"{car}/allocations", json=interval(10, 20)).json()
    answer = http.post(f"{car}/allocations", json=interval(start, end))
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["conflicting_allocation"] == first


def test_an_allocation_without_bounds_is_422(http: httpx.Client, car: str) -> None:
    assert http.post(f"{car}/allocations", json={"allocation_type": "booking"}).status_code == 422
    assert http.post(f"{car}/allocations", json={**interval(1, 2), "allocation_type": None}).status_code == 422


def test_an_unbounded_allocation_makes_later_ones_409(http: httpx.Client, car: str) -> None:
    assert http.post(f"{car}/allocations", json=interval(None, None)).status_code == 201
    for start, end in ((10, 20), (None, None), (None, 20), (10, None)):
        assert http.post(f"{car}/allocations", json=interval(start, end)).status_code == 409


def test_dump_comes_back_and_delete_gives_the_interval_back(http: httpx.Client, car: str) -> None:
    made = http.post(f"{car}/allocations", json={**interval(10, 20), "dump": {"a": [1, None]}}).json()
    assert http.get(f"{car}/allocations/{made['id']}").json()["dump"] == {"a": [1, None]}
    assert http.delete(f"{car}/allocations/{made['id']}").status_code == 204
    assert http.delete(f"{car}/allocations/{made['id']}").status_code == 404
    assert http.post(f"{car}/allocations", json=interval(10, 20)).status_code == 201
