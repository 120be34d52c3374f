"""Answers."""

from flask.testing import FlaskClient


def test_one_thing_has_its_etag_and_a_new_one_its_location(client: FlaskClient) -> None:
    made = client.post("/api/cars", json={"name": "ü"})
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    assert client.get(made.headers["Location"]).json == made.json
    assert "ü".encode() in made.data


def test_a_page_links_to_the_next_until_the_last(client: FlaskClient) -> None:
    for number in range(5):
        client.post("/api/cars", json={"name": f"car {number}"})
    first = client.get("/api/cars?limit=2")
    assert first.headers["Link"].endswith('; rel="next"')
    names = [item["name"] for item in first.json["items"]]
    following = first
    while "Link" in following.headers:
        following = client.get(following.headers["Link"].split(">")[0].lstrip("<"))
        names += [item["name"] for item in following.json["items"]]
    assert names == [f"car {number}" for number in range(5)]
    assert following.json["next_cursor"] is None
