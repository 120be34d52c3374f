"""`/v1/gateways`, on both engines."""

from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services
from accounts.web.app import create_app


def test_a_gateway_follows_until_it_is_removed(client: FlaskClient, services: Services) -> None:
    made = client.post("/v1/gateways", json={"name": "edge"}, headers={"Idempotency-Key": "one"})
    again = client.post("/v1/gateways", json={"name": "edge"}, headers={"Idempotency-Key": "one"})
    assert again.json == {**made.json, "credential": None}
    stranger = create_app(services).test_client()
    headers = {"Authorization": f"Bearer {made.json['credential']}"}
    assert stranger.get("/internal/v1/snapshot", headers=headers).status_code == 200
    assert [item["name"] for item in client.get("/v1/gateways").json["items"]] == ["edge", "gateway"]
    assert "credential" not in client.get(made.headers["Location"]).json
    assert client.delete(made.headers["Location"]).status_code == 204
    assert stranger.get("/internal/v1/snapshot", headers=headers).status_code == 401
    assert client.get(made.headers["Location"]).json["code"] == "gateway_not_found"
