"""`/v1/clients/{id}/oauth` and `/secrets`."""

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

from accounts_harness.oauth import ask


@pytest.fixture
def path(client: FlaskClient) -> str:
    return str(client.post("/v1/clients", json={"name": "Acme"}).headers["Location"])


def test_what_a_client_may_have_is_read_and_changed(client: FlaskClient, path: str) -> None:
    before = client.get(f"{path}/oauth")
    assert (before.json["scopes"], before.json["jwks"], before.headers["ETag"]) == ([], {"keys": []}, '"1"')
    jwks = {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}
    changed = client.patch(f"{path}/oauth", json={"scopes": ["read"], "jwks": jwks}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json["scopes"], changed.json["jwks"]) == (200, ["read"], jwks)
    assert client.patch(f"{path}/oauth", json={"scopes": []}, headers={"If-Match": '"1"'}).status_code == 412
    for wrong, pointer in (
        ({"scopes": ["a b"]}, "/scopes/0"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, "/jwks/keys/0"),
        ({"jwks": {}}, "/jwks"),
        ({"jwks": 1}, "/jwks"),
        ({"other": 1}, "/other"),
    ):
        answer = client.patch(f"{path}/oauth", json=wrong)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_secret_is_shown_once_and_opens_the_token_endpoint(client: FlaskClient, path: str) -> None:
    headers = {"Idempotency-Key": "k"}
    made, again = (client.post(f"{path}/secrets", json={}, headers=headers) for _ in range(2))
    assert (made.status_code, made.headers["Cache-Control"], again.json["client_secret"]) == (201, "no-store", None)
    form = {
        "grant_type": "client_credentials",
        "client_id": made.json["client_id"],
        "client_secret": made.json["client_secret"],
    }
    del client.environ_base["HTTP_AUTHORIZATION"]
    assert ask(client, form).status_code == 200


def test_secrets_are_listed_and_removed(client: FlaskClient, path: str) -> None:
    made = [client.post(f"{path}/secrets", json={"expires": "2090-01-01T00:00:00Z"}).json for _ in range(2)]
    assert client.post(f"{path}/secrets", json={}).json["code"] == "too_many_secrets"
    listed = client.get(f"{path}/secrets").json["items"]
    assert {one["id"] for one in listed} == {one["id"] for one in made}
    assert all("client_secret" not in one and one["expires"] == "2090-01-01T00:00:00Z" for one in listed)
    assert client.delete(f"{path}/secrets/{made[0]['id']}").status_code == 204
    assert client.delete(f"{path}/secrets/{made[0]['id']}").status_code == 404
    assert len(client.get(f"{path}/secrets").json["items"]) == 1
