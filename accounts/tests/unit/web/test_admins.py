"""`/v1/admins` and `/v1/sign-in`, on both engines."""

from pathlib import Path

from flask.testing import FlaskClient

from accounts.adapters.pepper_file import PepperFile
from accounts.bootstrap.wiring import Services
from accounts.web.admins import told_apart
from accounts.web.app import create_app

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


def test_a_key_stands_for_one_password(client: FlaskClient) -> None:
    path = f"/v1/admins/{client.post('/v1/admins', json={'name': 'eve'}).json['id']}/password"

    def put(password: str | None) -> tuple[int, bool]:
        answer = client.put(path, json={"password": password}, headers={"Idempotency-Key": "k"})
        return answer.status_code, "Idempotent-Replayed" in answer.headers

    assert [put(PASSWORD), put(PASSWORD)] == [(200, False), (200, True)]
    assert [put(PASSWORD + "!"), put(None)] == [(422, False), (422, False)]


def test_no_hash_of_a_password_is_kept_that_is_fast_without_the_pepper(services: Services, tmp_path: Path) -> None:
    """The fingerprint of a request is kept with its answer."""
    raw = {"name": "eve", "password": PASSWORD}
    other = PepperFile(tmp_path / "other")
    other.create()
    told = [told_apart(raw, peppers) for peppers in (services.peppers, other)]
    assert told[0] != told[1]
    assert PASSWORD not in str(told)
    services.peppers.add()
    assert told_apart(raw, services.peppers) == told[0]
