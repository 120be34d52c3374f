"""`/api/{kind}/{id}/allocations`."""

import dataclasses

import pytest
from flask.testing import FlaskClient

from invsys.bootstrap.wiring import Services
from invsys.web.app import create_app

BOOKING = {
    "from_datetime": "2026-01-01T10:00:00+01:00",
    "to_datetime": "2026-01-01T12:00:00Z",
    "allocation_type": "booking",
    "description": "to the coast",
    "dump": {"seats": [1, 2]},
}


def test_the_life_of_an_allocation(client: FlaskClient) -> None:
    car = client.post("/api/cars", json={"name": "a"}).json["id"]
    path = f"/api/cars/{car}/allocations"
    answer = client.post(path, json=BOOKING)
    made = answer.json
    assert answer.status_code == 201
    assert made["from_datetime"] == "2026-01-01T09:00:00Z"
    assert made["to_datetime"] == "2026-01-01T12:00:00Z"
    assert (made["from_infinity"], made["to_infinity"]) == (False, False)
    assert (made["resource_id"], made["resource_type"]) == (car, "car")
    assert (made["description"], made["dump"]) == ("to the coast", {"seats": [1, 2]})

    assert client.get(f"{path}/{made['id']}").json == made
    assert client.get(path).json["items"] == [made]
    assert client.delete(f"{path}/{made['id']}").status_code == 204
    assert client.get(f"{path}/{made['id']}").status_code == 404
    assert client.delete(f"{path}/{made['id']}").status_code == 404
    assert client.get(path).json["items"] == []
    assert client.post(path, json=BOOKING).status_code == 201


@pytest.fixture
def path(client: FlaskClient) -> str:
    made = client.post("/api/cars", json={"name": "pool", "capacity": 2})
    return f"{made.headers['Location']}/allocations"


def test_hold_confirm_cancel(client: FlaskClient, path: str) -> None:
    hold = client.post(path, json={**BOOKING, "hold_seconds": 600})
    assert (hold.status_code, hold.json["status"]) == (201, "held")
    assert hold.json["hold_expires_at"] > hold.json["created"]
    where = hold.headers["Location"]
    stale = client.post(f"{where}/confirm", headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    confirmed = client.post(f"{where}/confirm", headers={"If-Match": '"1"'})
    assert (confirmed.status_code, confirmed.json["status"], confirmed.json["hold_expires_at"]) == (
        200,
        "confirmed",
        None,
    )
    cancelled = client.post(f"{where}/cancel")
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    assert client.get(where).status_code == 404
    assert client.post(f"{where}/confirm").status_code == 404
    assert client.post(f"{where}/fly").status_code == 404
    assert client.post(f"{where}/confirm", json={}).status_code == 422
    assert [item["status"] for item in client.get(f"{path}?status=cancelled").json["items"]] == ["cancelled"]


def test_an_allocation_moves_within_the_rules(client: FlaskClient, path: str) -> None:
    made = client.post(path, json={**BOOKING, "quantity": 2})
    where = made.headers["Location"]
    moved = client.patch(where, json={"to_datetime": "2026-01-01T13:00:00Z", "description": None})
    assert moved.status_code == 200
    assert (moved.json["from_datetime"], moved.json["to_datetime"]) == (
        made.json["from_datetime"],
        "2026-01-01T13:00:00Z",
    )
    assert (moved.json["description"], moved.json["dump"], moved.json["version"]) == (None, BOOKING["dump"], 2)
    forever = client.patch(where, json={"to_infinity": True, "quantity": 1})
    assert (forever.json["to_datetime"], forever.json["to_infinity"]) == (None, True)
    other = client.post(path, json={**BOOKING, "to_datetime": "2026-01-01T10:00:00Z"})
    assert client.patch(where, json={"quantity": 2}).json["conflicting_allocation"] == other.json
    assert client.patch(where, json={"from_datetime": "2026-01-01T10:00:00Z", "quantity": 2}).status_code == 200
    bounded = client.patch(where, json={"to_infinity": False})
    assert (bounded.status_code, bounded.json["errors"][0]["pointer"]) == (422, "/to_datetime")
    for wrong in ({"to_datetime": "2026-01-01T09:00:00Z"}, {"quantity": 3}, {"quantity": None}, {"status": "held"}):
        assert client.patch(where, json=wrong).status_code == 422, wrong
    assert client.patch(where, json={"hold_seconds": 5}).json["code"] == "not_held"


def test_a_batch_is_all_or_none_unless_asked_otherwise(client: FlaskClient, path: str) -> None:
    pool = path.split("/")[3]
    items = [{**BOOKING, "resource_id": pool, "quantity": quantity} for quantity in (1, 2)]
    refused = client.post("/api/cars/allocations", json={"items": items})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (409, "/items/1")
    assert client.get(path).json["items"] == []
    partly = client.post("/api/cars/allocations", json={"items": items, "atomic": False})
    assert (partly.status_code, [item["status"] for item in partly.json["items"]]) == (200, [201, 409])
    assert partly.json["items"][1]["problem"]["conflicting_allocation"] == partly.json["items"][0]["allocation"]
    whole = client.post("/api/cars/allocations", json={"items": items[:1]})
    assert (whole.status_code, whole.json["items"][0]["status"]) == (201, 201)
    wrong = client.post("/api/cars/allocations", json={"items": [{**items[0], "to_datetime": None}]})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/items/0/to_datetime")
    for bad in ({"items": []}, {"items": items * 251}, {}, {"items": [{}]}):
        assert client.post("/api/cars/allocations", json=bad).status_code == 422
    assert client.post("/api/lorries/allocations", json={"items": items}).status_code == 404


def test_lists_by_window_type_and_order(client: FlaskClient, path: str) -> None:
    def book(start: int, end: int, kind: str) -> None:
        times = {"from_datetime": f"2030-01-{start:02}T00:00:00Z", "to_datetime": f"2030-01-{end:02}T00:00:00Z"}
        assert client.post(path, json={**times, "allocation_type": kind}).status_code == 201

    for start, end, kind in ((5, 6, "booking"), (1, 3, "maintenance"), (2, 4, "booking")):
        book(start, end, kind)

    def days(query: str) -> list[int]:
        seen = []
        following = client.get(f"{path}?limit=1&{query}")
        while True:
            seen += [int(item["from_datetime"][8:10]) for item in following.json["items"]]
            if "Link" not in following.headers:
                return seen
            following = client.get(following.headers["Link"].split(">")[0].lstrip("<"))

    assert days("") == [5, 1, 2]
    assert days("sort=from_datetime") == [1, 2, 5]
    assert days("sort=-from_datetime") == [5, 2, 1]
    assert days("allocation_type=booking&sort=-created") == [2, 5]
    assert days("from_datetime=2030-01-03T00:00:00Z&to_datetime=2030-01-05T00:00:00Z") == [2]


def test_a_list_shows_no_hold_whose_time_has_come(services: Services, client: FlaskClient, path: str) -> None:
    hold = client.post(path, json={**BOOKING, "hold_seconds": 60}).json
    assert [item["status"] for item in client.get(path).json["items"]] == ["held"]
    later = dataclasses.replace(services, clock=lambda: services.clock() + 60_000_000)
    client = create_app(later).test_client()
    assert client.get(path).json["items"] == []
    assert [item["id"] for item in client.get(f"{path}?status=expired").json["items"]] == [hold["id"]]


def test_a_dump_has_bounds(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json={**BOOKING, "dump": ["x" * 65_536]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/dump")
