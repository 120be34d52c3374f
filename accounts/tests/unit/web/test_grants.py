"""`/v1/clients/{id}/grants`, on both engines."""

from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services
from accounts_harness.making import make_client


def test_a_grant_is_given_and_taken_back(client: FlaskClient, services: Services) -> None:
    path = f"/v1/clients/{make_client(services).id}/grants"
    body = {
        "resource": "inventory/cars/*",
        "actions": ["read"],
        "expires": "2999-01-01T00:00:00Z",
        "constraint": {"query": {"label[fleet]": "acme"}},
    }
    answer = client.post(path, json=body)
    assert answer.status_code == 201
    assert {name: answer.json[name] for name in body} == body
    assert client.get(answer.headers["Location"]).json == answer.json
    assert client.get(path).json["items"] == [answer.json]
    assert client.delete(answer.headers["Location"]).status_code == 204
    assert client.get(answer.headers["Location"]).json["code"] == "grant_not_found"


def test_what_is_wrong_is_pointed_at(client: FlaskClient, services: Services) -> None:
    path = f"/v1/clients/{make_client(services).id}/grants"
    for pointer, body in (
        ("/resource", {"resource": "/a", "actions": ["read"]}),
        ("/actions", {"resource": "a", "actions": []}),
        ("/actions/0", {"resource": "a", "actions": ["Read"]}),
        ("/effect", {"resource": "a", "actions": ["read"], "effect": "maybe"}),
        ("/query", {"resource": "a", "actions": ["read"], "effect": "deny", "constraint": {"query": {"a": "b"}}}),
        ("/expires", {"resource": "a", "actions": ["read"], "expires": "2000-01-01T00:00:00Z"}),
    ):
        answer = client.post(path, json=body)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
