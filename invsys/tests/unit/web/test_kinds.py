"""`/api/kinds`, and kinds in paths."""

from flask.testing import FlaskClient

from invsys.bootstrap.wiring import Services
from invsys.domain.kind import Kind, Mode
from invsys.service import kinds


def test_only_plurals_are_paths(client: FlaskClient) -> None:
    assert [client.get(f"/api/{plural}").status_code for plural in ("cars", "lorries", "trucks")] == [200] * 3
    for wrong in ("car", "Cars", "planes", "all"):
        answer = client.get(f"/api/{wrong}")
        assert (answer.status_code, answer.json["code"]) == (404, "kind_not_found")


def test_a_new_kind_is_a_path_at_once(client: FlaskClient, services: Services) -> None:
    assert client.get("/api/courts").status_code == 404
    services.store.write(lambda tx: kinds.put(tx, Kind("court", "courts", Mode.INTERVAL, 1_800_000_000)))
    assert client.post("/api/courts", json={"name": "1"}).status_code == 201
    listed = {kind["plural"]: kind for kind in client.get("/api/kinds").json["items"]}
    assert listed["courts"]["slot_seconds"] == 1800
    assert listed["courts"]["anchor"] == "1970-01-01T00:00:00Z"
    assert listed["cars"]["mode"] == "continuous"
    assert "courts" in client.get("/openapi.json").text
