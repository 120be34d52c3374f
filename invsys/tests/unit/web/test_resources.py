"""`/api/{kind}` and `/api/{kind}/{id}`."""

from typing import Any

import pytest
from flask.testing import FlaskClient


def test_the_life_of_a_resource(client: FlaskClient) -> None:
    made = client.post("/api/trucks", json={"name": "T 1"}).json
    assert (made["resource_type"], made["name"], made["status"], made["version"]) == ("truck", "T 1", "active", 1)
    path = f"/api/trucks/{made['id']}"
    assert client.get(path).json == made
    assert client.get("/api/trucks").json == {"items": [made], "next_cursor": None}

    renamed = client.patch(path, json={"name": "T 2"})
    assert renamed.json == {**made, "name": "T 2", "version": 2}
    assert client.patch(path, json={}).json == renamed.json
    assert client.patch(path, json={"name": None}).status_code == 422

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get("/api/trucks").json["items"] == []
    for answer in (client.get(f"{path}/allocations"), client.patch(path, json={"name": "x"}), client.delete(path)):
        assert answer.status_code == 404


def test_a_merge_patch_may_say_what_it_is(client: FlaskClient) -> None:
    made = client.post("/api/cars", json={"name": "a"}).json
    headers = {"content-type": "application/merge-patch+json"}
    answer = client.patch(f"/api/cars/{made['id']}", data=b'{"name": "b"}', headers=headers)
    assert answer.json["name"] == "b"


def test_a_resource_is_more_than_a_name(client: FlaskClient) -> None:
    body = {
        "name": "pool",
        "status": "maintenance",
        "capacity": 5,
        "attributes": {"colour": "red", "doors": 4, "deep": {"a": [1]}},
        "labels": {"fleet": "acme"},
    }
    made = client.post("/api/cars", json=body)
    assert {name: made.json[name] for name in body} == body
    assert client.get("/api/cars?label[fleet]=acme&attribute[doors]=4&status=maintenance").json["items"] == [made.json]
    for query in (
        "label[fleet]=x",
        "attribute[colour]=blue",
        "status=active",
        "name_prefix=q",
        "status=decommissioned",
    ):
        assert client.get(f"/api/cars?{query}").json["items"] == [], query


def test_one_name_is_one_car_whichever_keyboard_typed_it(client: FlaskClient) -> None:
    composed, apart = "\u0160koda 5", "S\u030ckoda 5"
    made = client.post("/api/cars", json={"name": apart})
    assert made.json["name"] == composed
    for name in (composed, apart):
        assert client.post("/api/cars", json={"name": name}).json["code"] == "duplicate_name"
        found = client.get("/api/cars", query_string={"name_prefix": name}).json["items"]
        assert [one["id"] for one in found] == [made.json["id"]]
    for name in ("\u0160koda 5 ", "\u0160koda  5", "\u0160koda\u00a05"):
        answer = client.post("/api/cars", json={"name": name})
        assert answer.json["detail"].startswith("/name: must be visible characters on one line, spaces only between")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"capacity": 0}, "/capacity"),
        ({"capacity": 1.5}, "/capacity"),
        ({"capacity": 2**31}, "/capacity"),
        ({"capacity": "1"}, "/capacity"),
        ({"status": "decommissioned"}, "/status"),
        ({"labels": {"a": 1}}, "/labels/a"),
        ({"labels": {"": "x"}}, "/labels/"),
        ({"labels": {"a": "x\n"}}, "/labels/a"),
        ({"attributes": []}, "/attributes"),
        ({"id": "x"}, "/id"),
    ],
)
def test_bad_members_are_pointed_at(client: FlaskClient, body: dict[str, Any], pointer: str) -> None:
    answer = client.post("/api/cars", json={"name": "a", **body})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    "query",
    [
        "label=x",
        "label[fleet]=",
        "label[]=x",
        "label[a b]=x",
        "label[a][b]=x",
        "free_from=now",
        "sort=size",
        "label[a=b",
        "quantity=0",
        "status=gone",
        "cursor=",
        "name_prefix=%00",
        "free_from=2030-01-02T00:00:00",
    ],
)
def test_bad_questions(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/cars?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_query"), answer.json


def test_free_over_an_interval(client: FlaskClient) -> None:
    one = client.post("/api/cars", json={"name": "one"}).headers["Location"]
    client.post("/api/cars", json={"name": "two"})
    client.post(
        f"{one}/allocations",
        json={
            "from_datetime": "2030-01-01T10:00:00Z",
            "to_datetime": "2030-01-01T12:00:00Z",
            "allocation_type": "booking",
        },
    )

    def free(query: str) -> list[str]:
        return [item["name"] for item in client.get(f"/api/cars?sort=name&{query}").json["items"]]

    assert free("free_from=2030-01-01T11:00:00Z&free_to=2030-01-01T11:30:00Z") == ["two"]
    assert free("free_from=2030-01-01T12:00:00Z&free_to=2030-01-01T13:00:00Z") == ["one", "two"]
    assert free("free_from=2030-01-01T12:00:00Z") == ["one", "two"]
    assert free("free_from=2030-01-01T11:59:59Z") == ["two"]
    assert free("free_to=2030-01-01T10:00:00Z") == ["one", "two"]
    answer = client.get("/api/cars?free_from=2030-01-02T00:00:00Z&free_to=2030-01-01T00:00:00Z")
    assert answer.status_code == 400
    busy = client.get(f"{one}/free-busy?from_datetime=2030-01-01T00:00:00Z").json["segments"]
    assert [(segment["from_datetime"], segment["used"]) for segment in busy] == [
        ("2030-01-01T00:00:00Z", 0),
        ("2030-01-01T10:00:00Z", 1),
        ("2030-01-01T12:00:00Z", 0),
    ]
