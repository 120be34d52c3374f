"""`/v1/audit`, on both engines."""

from flask.testing import FlaskClient


def test_who_did_what_is_read_from_the_newest_on(client: FlaskClient) -> None:
    made = client.post("/v1/clients", json={"name": "Acme"}).json
    client.patch(f"/v1/clients/{made['id']}", json={"name": "Umbrella"}, headers={"X-Request-Id": "abc"})
    found = client.get(f"/v1/audit?subject={made['id']}").json["items"]
    assert [(entry["type"], entry["actor"]) for entry in found] == [
        ("client.changed", "admin:admin"),
        ("client.created", "admin:admin"),
    ]
    assert found[0]["request_id"] == "abc"
    page = client.get("/v1/audit?limit=1")
    following = page.headers["Link"].partition(">")[0].lstrip("<")
    assert client.get(following).json["items"][0]["seq"] == page.json["items"][0]["seq"] - 1
    assert client.get("/v1/audit?actor=nobody").json["items"] == []
