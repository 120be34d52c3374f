"""`/v1/roles`, on both engines."""

from flask.testing import FlaskClient

GRANT = {"resource": "a/*", "actions": ["read"]}


def test_a_role_from_beginning_to_end(client: FlaskClient) -> None:
    made = client.post("/v1/roles", json={"name": "reader", "grants": [GRANT]})
    assert (made.status_code, made.headers["Location"]) == (201, "/v1/roles/reader")
    assert client.get("/v1/roles/reader").json == made.json
    holder = client.post("/v1/clients", json={"name": "Acme", "roles": ["reader"]}).json
    patch = {"grants": [GRANT, {**GRANT, "resource": "a/b", "effect": "deny"}]}
    changed = client.patch("/v1/roles/reader", json=patch, headers={"If-Match": '"1"'}).json
    assert [grant["effect"] for grant in changed["grants"]] == ["allow", "deny"]
    refused = client.delete("/v1/roles/reader")
    assert (refused.status_code, refused.json["code"]) == (409, "role_in_use")
    assert client.patch(f"/v1/clients/{holder['id']}", json={"roles": []}).status_code == 200
    assert client.delete("/v1/roles/reader").status_code == 204
    assert client.get("/v1/roles/reader").json["code"] == "role_not_found"


def test_a_wrong_grant_is_pointed_at(client: FlaskClient) -> None:
    answer = client.post("/v1/roles", json={"name": "reader", "grants": [GRANT, {**GRANT, "resource": "a//b"}]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/grants/1/resource")
    assert client.get("/v1/roles").json["items"] == []


def test_what_is_no_name_is_not_found(client: FlaskClient) -> None:
    for name in ("%00", "Big", "x" * 65):
        path = f"/v1/roles/{name}"
        for answer in (client.get(path), client.patch(path, json={"grants": []}), client.delete(path)):
            assert (answer.status_code, answer.json["code"]) == (404, "role_not_found")
