"""Answers."""

from flask.testing import FlaskClient


def test_one_thing_has_its_etag_and_a_new_one_its_location(client: FlaskClient) -> None:
    made = client.post("/notes", json={"text": "ü"})
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    assert client.get(made.headers["Location"]).json == made.json
    assert "ü".encode() in made.data
