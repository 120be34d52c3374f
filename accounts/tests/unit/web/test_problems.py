"""Refusals of accounts as problem documents."""

from flask.testing import FlaskClient

from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import build_services
from accounts.web.app import create_app


def test_a_problem_has_all_members(gateway: FlaskClient) -> None:
    answer = gateway.post("/internal/v1/ask", json={"key": "0" * 12})
    assert answer.status_code == 404
    assert answer.json == {
        "type": "about:blank",
        "title": "Unknown",
        "status": 404,
        "detail": "there is no credential '000000000000' here",
        "instance": "/internal/v1/ask",
        "code": "unknown",
    }


def test_without_peppers_or_database_it_is_503_and_says_nothing_of_them() -> None:
    services = build_services(Settings(database_url="postgresql://user:secret@127.0.0.1:1/none", pepper_file="/none"))
    client = create_app(services).test_client()
    headers = {"Authorization": "Bearer mgw_x"}
    answer = client.get("/internal/v1/snapshot", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (503, "pepper_unavailable")
    assert "/none" not in answer.text
    services.peppers.all = dict  # type: ignore[method-assign]
    answer = client.get("/internal/v1/snapshot", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
    assert "secret" not in answer.text
    assert "127.0.0.1" not in answer.text
