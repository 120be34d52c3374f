"""Changes over HTTP: keys and origins."""

import dataclasses

import pytest
from flask.testing import FlaskClient

from invsys.bootstrap.wiring import Services
from invsys.web.app import create_app

SLOT = {"from_datetime": "2030-01-01T00:00:00Z", "to_datetime": "2030-01-02T00:00:00Z", "allocation_type": "booking"}


@pytest.fixture
def path(client: FlaskClient) -> str:
    return client.post("/api/cars", json={"name": "a"}).headers["Location"] + "/allocations"


def test_an_allocation_needs_a_key_and_a_resource_does_not(client: FlaskClient, path: str) -> None:
    for where, body in ((path, SLOT), ("/api/cars/allocations", {"items": [{**SLOT, "resource_id": "x"}]})):
        answer = client.post(where, json=body, headers={"Idempotency-Key": ""})
        assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_missing")
    assert client.post("/api/cars", json={"name": "b"}, headers={"Idempotency-Key": ""}).status_code == 201


def test_settings_may_relax_it(services: Services, path: str) -> None:
    relaxed = dataclasses.replace(services.settings, require_idempotency_key=False)
    client = create_app(dataclasses.replace(services, settings=relaxed)).test_client()
    assert client.post(path, json=SLOT).status_code == 201


@pytest.mark.parametrize("key", ["a b", "\u00fc", "k" * 256])
def test_a_malformed_key_is_refused(client: FlaskClient, path: str, key: str) -> None:
    assert client.post(path, json=SLOT, headers={"Idempotency-Key": key}).json["code"] == "bad_idempotency_key"


def test_a_retry_gets_the_same_answer_byte_by_byte(client: FlaskClient, path: str) -> None:
    headers = {"Idempotency-Key": "k1"}
    first, again = (client.post(path, json=SLOT, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert {name: first.headers[name] for name in ("ETag", "Location", "Content-Type")} == {
        name: again.headers[name] for name in ("ETag", "Location", "Content-Type")
    }
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert len(client.get(path).json["items"]) == 1


def test_a_refusal_is_replayed_too(client: FlaskClient, path: str) -> None:
    client.post(path, json=SLOT)
    refused = client.post(path, json=SLOT, headers={"Idempotency-Key": "k"})
    client.delete(f"{path}/{client.get(path).json['items'][0]['id']}")
    again = client.post(path, json=SLOT, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, again.status_code, refused.data) == (409, 409, again.data)


def test_a_key_with_another_request_is_422(client: FlaskClient, path: str) -> None:
    headers = {"Idempotency-Key": "k"}
    client.post(path, json=SLOT, headers=headers)
    for where, body in ((path, {**SLOT, "description": "x"}), ("/api/cars", {"name": "c"})):
        answer = client.post(where, json=body, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    reordered = dict(reversed(SLOT.items()))
    assert client.post(path, json=reordered, headers=headers).status_code == 201


@pytest.fixture
def identified(services: Services) -> FlaskClient:
    """Behind a gateway that names the client."""
    settings = dataclasses.replace(services.settings, actor_header="X-Client-Id")
    return create_app(dataclasses.replace(services, settings=settings)).test_client()


def test_who_acts_is_in_the_history_and_keys_of_others_are_none_of_theirs(identified: FlaskClient) -> None:
    client = identified
    for actor in ("ada", "bob"):
        headers = {"Idempotency-Key": "k", "X-Client-Id": actor, "X-Request-Id": f"r-{actor}"}
        answer = client.post("/api/cars", json={"name": actor}, headers=headers)
        assert (answer.status_code, answer.json["name"]) == (201, actor)
    events = client.get("/api/events").json["events"]
    assert [(event["actor"], event["request_id"]) for event in events] == [("ada", "r-ada"), ("bob", "r-bob")]


def test_a_name_that_is_too_long_is_refused_and_never_cut_to_another(identified: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k", "X-Client-Id": "x" * 201}
    answer = identified.post("/api/cars", json={"name": "a"}, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_actor")


def test_without_the_setting_nobody_is_told_apart(client: FlaskClient) -> None:
    answers = [
        client.post("/api/cars", json={"name": "a"}, headers={"Idempotency-Key": "k", "X-Client-Id": actor})
        for actor in ("ada", "bob")
    ]
    assert answers[0].data == answers[1].data
    assert client.get("/api/events").json["events"][0]["actor"] == ""
