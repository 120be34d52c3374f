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


def test_what_a_person_tries_first_is_told_in_words(client: FlaskClient) -> None:
    for body, detail in (
        (
            {"name": "Acme "},
            "/name: must be visible characters on one line, spaces only between words and one at a time",
        ),
        ({"name": "a", "plan": "Big"}, "/plan: must be lower-case letters, digits, hyphens and underscores"),
        ({"name": "a", "labels": {"a b": "c"}}, "/labels/a b: must be A-Z a-z 0-9 . _ / -"),
        ({"name": "a", "label": {}}, "/label: is not known here, but certificates, labels, name, plan, roles"),
    ):
        assert client.post("/v1/clients", json=body).json["detail"].startswith(detail)
    for path, detail in (
        ("/v1/clients/Acme", "there is no client 'Acme' here: the API knows it by its id alone"),
        ("/v1/clients/cl_000000000000000000", "there is no client 'cl_000000000000000000' here"),
        ("/v1/decisions?client=Acme&action=read&resource=a", "client: must be the id of a client"),
    ):
        assert client.get(path).json["detail"].removesuffix(", cl_..., as /v1/clients tells it") == detail


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
