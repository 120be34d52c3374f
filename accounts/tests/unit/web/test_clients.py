"""`/v1/clients`, on both engines."""

import pytest
from flask.testing import FlaskClient


def test_a_client_from_beginning_to_end(client: FlaskClient) -> None:
    body = {"name": "Acme", "labels": {"team": "x"}, "certificates": ["CN=acme"]}
    answer = client.post("/v1/clients", json=body)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    path = answer.headers["Location"]
    made = answer.json
    assert client.get(path).json == made
    assert client.get(path, headers={"If-None-Match": '"1"'}).status_code == 304
    patch = {"name": "Umbrella", "status": "suspended", "labels": {"team": None, "tier": "1"}}
    changed = client.patch(path, json=patch, headers={"If-Match": '"1"'}).json
    assert changed == {**made, "name": "Umbrella", "status": "suspended", "labels": {"tier": "1"}, "version": 2}
    assert client.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'}).json["code"] == "stale_version"
    assert client.patch(path, json={"name": "x"}, headers={"If-Match": ""}).json["code"] == "if_match_missing"
    assert client.post(f"{path}/revoke-tokens").json["tokens_not_before"] is not None
    assert client.post(f"{path}/revoked-tokens", json={"jti": "a", "exp": 9_999_999_999}).status_code == 204
    assert client.delete(path).status_code == 204
    assert client.get(path).json["status"] == "closed"
    assert client.delete(path).json["code"] == "client_closed"
    assert client.get("/v1/clients").json["items"] == []
    assert [item["id"] for item in client.get("/v1/clients?status=closed").json["items"]] == [made["id"]]


def test_pages(client: FlaskClient) -> None:
    idents = [client.post("/v1/clients", json={"name": f"{number}"}).json["id"] for number in range(5)]
    seen = []
    following = "/v1/clients?limit=2"
    while following:
        answer = client.get(following)
        seen += [item["id"] for item in answer.json["items"]]
        following = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == idents
    cursor = client.get("/v1/clients?limit=2").json["next_cursor"]
    for wrong in (
        f"/v1/clients?cursor={cursor[:-1]}A",
        f"/v1/clients?status=active&cursor={cursor}",
        "/v1/roles?cursor=x",
    ):
        answer = client.get(wrong)
        assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "cursor")
    assert [item["name"] for item in client.get("/v1/clients?name_prefix=3").json["items"]] == ["3"]


@pytest.mark.parametrize(
    ("pointer", "body"),
    [
        ("/name", {"name": "a\u0007"}),
        ("/name", {"name": "a\u202eb"}),
        ("/name", {}),
        ("/plan", {"name": "a", "plan": "none"}),
        ("/roles/0", {"name": "a", "roles": ["none"]}),
        ("/roles", {"name": "a", "roles": ["b", "b"]}),
        ("/labels/a", {"name": "a", "labels": {"a": ""}}),
        ("/certificates/0", {"name": "a", "certificates": ["\u0000"]}),
        ("/status", {"name": "a", "status": "active"}),
        ("", []),
    ],
)
def test_what_is_wrong_is_pointed_at(client: FlaskClient, pointer: str, body: object) -> None:
    answer = client.post("/v1/clients", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
    assert answer.json["errors"][0]["pointer"] == pointer


def test_bodies_that_are_no_bodies(client: FlaskClient) -> None:
    deep = "[" * 5000 + "]" * 5000
    json_type = {"Content-Type": "application/json"}
    cases = [
        (400, {"data": "{", "headers": json_type}),
        (400, {"data": deep, "headers": json_type}),
        (400, {"data": '{"name": "a", "name": "b"}', "headers": json_type}),
        (413, {"data": b'"' + b"x" * (1024 * 1024 + 1) + b'"', "headers": json_type}),
        (415, {"data": "name=a", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}),
    ]
    for status, sent in cases:
        assert client.post("/v1/clients", **sent).status_code == status  # type: ignore[arg-type]
    assert client.get("/v1/clients").json["items"] == []


def test_a_name_is_taken_once(client: FlaskClient) -> None:
    assert client.post("/v1/clients", json={"name": "Acme"}).status_code == 201
    answer = client.post("/v1/clients", json={"name": "Acme"})
    assert (answer.status_code, answer.json["code"]) == (409, "duplicate_name")
