"""`/v1/admins` and `/v1/sign-in`, on both engines."""

from flask.testing import FlaskClient
from sqlalchemy import text

from accounts.bootstrap.wiring import Services
from accounts.web.app import create_app
from servicekit.storage.engine import build_engine

PASSWORD = "correct horse battery"


def test_an_admin_signs_in_and_out(client: FlaskClient, services: Services) -> None:
    made = client.post("/v1/admins", json={"name": "eve", "password": PASSWORD}).json
    assert (made["has_password"], PASSWORD in str(made)) == (True, False)
    stranger = create_app(services).test_client()
    signed = stranger.post("/v1/sign-in", json={"name": "eve", "password": PASSWORD})
    assert signed.status_code == 201
    headers = {"Authorization": f"Bearer {signed.json['token']}"}
    assert stranger.get("/v1/clients", headers=headers).status_code == 200
    path = f"/v1/admins/{made['id']}"
    assert [token["id"] for token in client.get(f"{path}/tokens").json["items"]] == [signed.json["id"]]
    assert client.delete(f"{path}/tokens/{signed.json['id']}").status_code == 204
    assert stranger.get("/v1/clients", headers=headers).status_code == 401
    assert client.put(f"{path}/password", json={"password": None}).json["has_password"] is False
    assert stranger.post("/v1/sign-in", json={"name": "eve", "password": PASSWORD}).status_code == 401
    token = client.post(f"{path}/tokens", json={"name": "ci"}).json["token"]
    assert stranger.get("/v1/clients", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert client.delete(path).status_code == 204
    assert stranger.get("/v1/clients", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert [admin["name"] for admin in client.get("/v1/admins").json["items"]] == ["admin"]
    assert client.get(path).json["code"] == "admin_not_found"


def test_guessing_is_made_slow_also_for_names_that_nobody_has(client: FlaskClient, services: Services) -> None:
    client.post("/v1/admins", json={"name": "eve", "password": PASSWORD})
    stranger = create_app(services).test_client()
    for name in ("eve", "nobody"):
        wrong = {"name": name, "password": "wrong"}
        assert [stranger.post("/v1/sign-in", json=wrong).status_code for _ in range(6)] == [401] * 5 + [429]
        answer = stranger.post("/v1/sign-in", json={"name": name, "password": PASSWORD})
        assert (answer.status_code, answer.json["code"]) == (429, "too_many_attempts")
        assert int(answer.headers["Retry-After"]) >= 1


def test_no_fast_hash_of_a_password_is_kept(client: FlaskClient, database_url: str) -> None:
    """The fingerprint of a request is kept with its answer: it must not cover the password."""
    prints = set()
    engine = build_engine(database_url, 1, "accounts")
    for password in (PASSWORD, PASSWORD + "!"):
        headers = {"Idempotency-Key": password[-1]}
        client.post("/v1/admins", json={"name": "eve", "password": password}, headers=headers)
        with engine.connect() as connection:
            prints |= {row.fingerprint for row in connection.execute(text("SELECT fingerprint FROM answers"))}
    engine.dispose()
    assert len(prints) == 1
