"""`/api/events`."""

from flask.testing import FlaskClient


def test_changes_are_told_in_order_with_before_and_after(client: FlaskClient) -> None:
    made = client.post("/api/cars", json={"name": "a"}, headers={"X-Request-Id": "r1"})
    changed = client.patch(made.headers["Location"], json={"name": "b"})
    answer = client.get("/api/events").json
    assert [(event["seq"], event["type"]) for event in answer["events"]] == [
        (1, "resource.created"),
        (2, "resource.changed"),
    ]
    first, second = answer["events"]
    assert (first["before"], first["after"], first["request_id"]) == (None, made.json, "r1")
    assert (second["before"], second["after"]) == (made.json, changed.json)
    assert answer["next_after"] == 2
    assert client.get("/api/events?after=2").json == {"events": [], "next_after": 2}
    assert client.get(f"/api/events?resource_id={made.json['id']}&kind=car&limit=1").json["next_after"] == 1


def test_bad_questions(client: FlaskClient) -> None:
    for query in ("after=-1", "after=x", "wait=26", "limit=501", "after=9223372036854775808", "resource_id=1"):
        assert client.get(f"/api/events?{query}").status_code == 400, query
