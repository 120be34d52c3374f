"""Changes over HTTP: keys and origins."""

import pytest
from flask.testing import FlaskClient

NOTE = {"text": "a", "more": {"x": 1}}


def count(client: FlaskClient) -> int:
    return len(client.get("/notes").json["items"])


def test_a_needed_key_is_asked_for_and_a_malformed_one_refused(client: FlaskClient) -> None:
    assert client.post("/notes", json=NOTE, headers={"Idempotency-Key": ""}).json["code"] == "idempotency_key_missing"
    for key in ("a b", "\u00fc", "k" * 256):
        answer = client.post("/notes", json=NOTE, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json["code"]) == (400, "bad_idempotency_key")
    assert count(client) == 0


def test_a_retry_gets_the_same_answer_byte_by_byte(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k"}
    first, again = (client.post("/notes", json=NOTE, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, first.data) == (201, 201, again.data)
    for name in ("ETag", "Location", "Content-Type"):
        assert first.headers[name] == again.headers[name]
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert count(client) == 1


def test_a_refusal_is_replayed_too(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k"}
    refused = client.post("/notes/n000001/touch", headers=headers)
    client.post("/notes", json=NOTE)
    again = client.post("/notes/n000001/touch", headers=headers)
    assert (refused.status_code, again.status_code, refused.data) == (404, 404, again.data)


def test_a_key_with_another_request_is_422(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k"}
    client.post("/notes", json=NOTE, headers=headers)
    answer = client.post("/notes", json={"text": "b"}, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert client.post("/notes", json=dict(reversed(NOTE.items())), headers=headers).status_code == 201


@pytest.mark.parametrize("actor", ["ada", "bob"])
def test_who_acts_is_told_and_keys_of_others_are_none_of_theirs(client: FlaskClient, actor: str) -> None:
    client.post("/notes", json=NOTE, headers={"Idempotency-Key": "k", "X-Actor": "eve"})
    made = client.post("/notes", json=NOTE, headers={"Idempotency-Key": "k", "X-Actor": actor})
    assert (made.status_code, made.json["actor"], made.json["id"]) == (201, actor, "n000002")
