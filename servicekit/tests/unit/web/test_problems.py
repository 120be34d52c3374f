"""Problem documents."""

import logging

import pytest
from flask.testing import FlaskClient

from kit_harness.notes import NotesStore, create_notes
from servicekit.web.problems import MAX_ERRORS, pointer


def test_a_problem_of_the_service_has_all_members(client: FlaskClient) -> None:
    answer = client.get("/notes/none")
    assert answer.status_code == 404
    assert answer.json == {
        "type": "about:blank",
        "title": "Note not found",
        "status": 404,
        "detail": "there is no such note",
        "instance": "/notes/none",
        "code": "note_not_found",
    }


def test_errors_point_into_the_body(client: FlaskClient) -> None:
    answer = client.post("/notes", json={"text": 7, "x/y": 1})
    assert answer.status_code == 422
    assert {found["pointer"] for found in answer.json["errors"]} == {"/text", "/x~1y"}


def test_what_is_not_known_is_told_with_what_is(client: FlaskClient) -> None:
    body = client.post("/notes", json={"text": "a", "txt": 1}).json["errors"]
    assert body == [
        {"pointer": "/txt", "code": "extra_forbidden", "detail": "is not known here, but more, names, text"}
    ]
    query = client.get("/notes?page=2").json["errors"]
    assert query[0]["detail"] == "is not known here, but cursor, label, limit, prefix"
    assert client.get("/notes?label=x").json["errors"][0]["detail"] == "needs a key: label[KEY]=VALUE"


def test_a_wrong_name_of_a_member_is_pointed_at_by_that_member(client: FlaskClient) -> None:
    answer = client.post("/notes", json={"text": "a", "names": {"a b": "x"}})
    assert answer.json["errors"] == [
        {"pointer": "/names/a b", "code": "string_pattern_mismatch", "detail": "must be a word"}
    ]


def test_no_more_errors_are_told_than_a_person_reads(client: FlaskClient) -> None:
    answer = client.post("/notes", json={f"{number}" + "x" * 300: number for number in range(2000)})
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == MAX_ERRORS
    assert len(answer.data) < 30_000


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.put("/notes", json={})
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert answer.json["detail"] == f"PUT means nothing here, but {answer.headers['Allow']}"


def test_an_unknown_path_is_a_problem_too(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert "/openapi.json" in answer.json["detail"]


def test_a_bug_is_500_and_its_reason_is_in_the_log_alone(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "servicekit.web"):
        answer = client.get("/notes/bug")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text


def test_a_database_that_is_gone_is_503_and_says_nothing_of_it() -> None:
    client = create_notes(NotesStore("postgresql://user:secret@127.0.0.1:1/none")).test_client()
    answer = client.get("/notes")
    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert "secret" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_pointers_are_escaped() -> None:
    assert pointer(("a/b", "c~d", 0)) == "/a~1b/c~0d/0"
