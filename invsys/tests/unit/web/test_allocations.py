"""`/api/{kind}/{id}/allocations`."""

from flask.testing import FlaskClient

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
