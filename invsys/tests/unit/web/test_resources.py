"""`/api/{kind}` and `/api/{kind}/{id}`."""

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
