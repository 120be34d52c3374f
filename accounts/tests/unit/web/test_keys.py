"""`/v1/clients/{id}/keys`, on both engines."""

from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services
from accounts.domain.credentials import parse_text
from accounts_harness.making import make_client


def test_a_key_is_shown_once_also_when_it_is_asked_for_twice(client: FlaskClient, services: Services) -> None:
    path = f"/v1/clients/{make_client(services).id}/keys"
    headers = {"Idempotency-Key": "one"}
    first = client.post(path, json={"name": "ci", "scopes": ["read"]}, headers=headers)
    assert (first.status_code, first.headers["Cache-Control"]) == (201, "no-store")
    shown = parse_text(first.json["key"])
    assert shown is not None
    assert shown.id == first.json["id"]
    again = client.post(path, json={"name": "ci", "scopes": ["read"]}, headers=headers)
    assert again.json == {**first.json, "key": None}
    assert again.headers["Idempotent-Replayed"] == "true"
    one = client.get(first.headers["Location"])
    assert "key" not in one.json
    assert (
        client.post(path, json={"name": "ci"}, headers={"Idempotency-Key": ""}).json["code"]
        == "idempotency_key_missing"
    )
    assert len(client.get(path).json["items"]) == 1


def test_a_key_is_changed_rotated_and_revoked(client: FlaskClient, services: Services) -> None:
    path = f"/v1/clients/{make_client(services).id}/keys"
    made = client.post(path, json={"name": "ci", "expires": "2999-01-01T00:00:00Z"}).json
    where = f"{path}/{made['id']}"
    changed = client.patch(where, json={"name": "cd", "scopes": ["read"], "expires": None}, headers={"If-Match": '"1"'})
    assert (changed.json["name"], changed.json["scopes"], changed.json["expires"]) == ("cd", ["read"], None)
    rotated = client.post(f"{where}/rotate", json={"overlap_seconds": 60}).json
    assert client.get(where).json["replaced_by"] == rotated["id"]
    assert client.post(f"{where}/rotate", json={}).json["code"] == "key_rotated"
    kept = client.patch(where, json={"expires": None})
    assert (kept.status_code, kept.json["code"]) == (409, "key_rotated")
    other = f"{path}/{rotated['id']}"
    assert client.delete(other).status_code == 204
    assert client.get(other).json["revoked"] is not None
    assert client.patch(other, json={"name": "x"}).json["code"] == "key_not_live"
    assert client.get(f"{path}?limit=1").json["next_cursor"] is not None


def test_the_use_of_a_key_is_told_and_is_no_change_of_it(client: FlaskClient, services: Services) -> None:
    path = f"/v1/clients/{make_client(services).id}/keys"
    made = client.post(path, json={"name": "ci"})
    where, etag = made.headers["Location"], made.headers["ETag"]
    services.store.write(lambda tx: tx.keys.mark_used({made.json["id"]: 1_900_000_000}))
    shown = client.get(where, headers={"If-None-Match": etag})
    assert (shown.status_code, shown.json["last_used"]) == (200, "2030-03-17T17:46:40Z")
    changed = client.patch(where, json={"name": "cd"}, headers={"If-Match": etag})
    assert (changed.status_code, changed.json["last_used"]) == (200, "2030-03-17T17:46:40Z")


def test_what_is_refused(client: FlaskClient, services: Services) -> None:
    path = f"/v1/clients/{make_client(services).id}/keys"
    for pointer, body in (
        ("/expires", {"name": "a", "expires": "2000-01-01T00:00:00Z"}),
        ("/expires", {"name": "a", "expires": "2999-01-01T00:00:00"}),
        ("/expires", {"name": "a", "expires": 9}),
        ("/env", {"name": "a", "env": "Live"}),
        ("/scopes/0", {"name": "a", "scopes": ["a b"]}),
    ):
        answer = client.post(path, json=body)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    for missing in (f"{path}/000000000000", "/v1/clients/cl_x/keys/000000000000"):
        assert client.delete(missing).status_code == 404
    assert client.get("/v1/clients/cl_x/keys").json["code"] == "client_not_found"
