"""From plural to kind."""

from flask.testing import FlaskClient


def test_only_plurals_are_paths(client: FlaskClient) -> None:
    assert [client.get(f"/api/{plural}").status_code for plural in ("cars", "lorries", "trucks")] == [200] * 3
    for wrong in ("car", "Cars", "planes", "all"):
        answer = client.get(f"/api/{wrong}")
        assert (answer.status_code, answer.json["code"]) == (404, "kind_not_found")
