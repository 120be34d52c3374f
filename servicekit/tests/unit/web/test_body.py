"""Bodies and query strings, as strictly read as promised."""

import io
import resource
from typing import Any

import pytest
from flask.testing import FlaskClient

from servicekit.web.body import MAX_PASSED_OVER

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b'{"text": NaN}', 400, "bad_json"),
        (b'{"text": "a", "text": "b"}', 400, "bad_json"),
        (b'{"text": "\xff"}', 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b"[" * 40 + b"]" * 40, 400, "bad_json"),
        (b'{"text": ' + b"9" * 100_000 + b"}", 400, "bad_json"),
        (b'{"text": 1e999}', 400, "bad_json"),
        (b"[]", 422, "validation_failed"),
        (b'"text"', 422, "validation_failed"),
        (b"{}", 422, "validation_failed"),
        (b'{"text": 1}', 422, "validation_failed"),
        (b'{"text": null}', 422, "validation_failed"),
        (b'{"text": ""}', 422, "validation_failed"),
        (b'{"text": "a\\u0000"}', 422, "validation_failed"),
        (b'{"text": "a\\ud800"}', 422, "validation_failed"),
        (b'{"text": "a\\n"}', 422, "validation_failed"),
        (b'{"text": "a", "colour": "red"}', 422, "validation_failed"),
        (b'{"text": "' + b"a" * 5001 + b'"}', 422, "validation_failed"),
        (b'{"text": "' + b"a" * 10_000_000 + b'"}', 413, "body_too_large"),
    ],
)
def test_bad_bodies(client: FlaskClient, body: bytes, status: int, code: str) -> None:
    answer = client.post("/notes", data=body, headers=JSON)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert client.get("/notes").json["items"] == []


def test_a_body_that_is_too_large_is_read_on_so_that_its_sender_sees_the_answer(client: FlaskClient) -> None:
    for size, left in ((10_000_000, 0), (20_000_000, 20_000_000 - 1024 * 1024 - 1 - MAX_PASSED_OVER)):
        stream = io.BytesIO(b"x" * size)
        answer = client.post("/notes", input_stream=stream, content_length=size, headers=JSON)
        assert answer.status_code == 413
        assert size - stream.tell() <= left


def test_a_long_list_below_a_long_key_takes_no_more_memory_than_itself(client: FlaskClient) -> None:
    # A pointer kept for each member of the list would be 20 GB.
    body = b'{"' + b"k" * 200_000 + b'": [' + b"0," * 100_000 + b"0]}"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = client.post("/notes", data=body, headers=JSON)
    assert answer.status_code == 422
    assert len(answer.data) < 2000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_text_that_cannot_be_kept_is_pointed_at(client: FlaskClient) -> None:
    body = b'{"text": "a", "more": {"a/b~c": [1, {"d": "\\u0000"}]}}'
    answer = client.post("/notes", data=body, headers=JSON)
    assert answer.json["errors"][0]["pointer"] == "/more/a~1b~0c/1/d"
    answer = client.post("/notes", data=b'{"a": {"\\ud800": 1}}', headers=JSON)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/a")


def test_a_body_of_another_type_is_refused(client: FlaskClient) -> None:
    for headers in ({}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}):
        answer = client.post("/notes", data=b'{"text": "a"}', headers=headers)
        assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
        assert "with Content-Type: application/json" in answer.json["detail"]


def test_no_body_is_told_as_none(client: FlaskClient) -> None:
    answer = client.post("/notes", data=b"", headers=JSON)
    assert (answer.status_code, answer.json["detail"]) == (400, "there is no body: send JSON, {} at the least")


def test_the_largest_allowed_nesting_passes(client: FlaskClient) -> None:
    more: Any = 1
    for _ in range(30):
        more = [more]
    assert client.post("/notes", json={"text": "a", "more": more}).status_code == 201


def test_a_body_where_none_means_anything_is_refused(client: FlaskClient) -> None:
    where = client.post("/notes", json={"text": "a"}).headers["Location"]
    answer = client.post(f"{where}/touch", json={})
    assert (answer.status_code, answer.json["code"]) == (422, "unexpected_body")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("limit=0", "limit"), ("limit=501", "limit"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"), ("a=1", "a")],
)
def test_bad_queries(client: FlaskClient, query: str, parameter: str) -> None:
    answer = client.get(f"/notes?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_query")
    assert answer.json["errors"][0]["parameter"] == parameter
