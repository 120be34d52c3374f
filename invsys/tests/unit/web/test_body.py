"""Bodies and query strings, as strictly read as promised."""

import resource
from typing import Any

import pytest
from flask.testing import FlaskClient

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b'{"name": NaN}', 400, "bad_json"),
        (b'{"name": "a", "name": "b"}', 400, "bad_json"),
        (b'{"name": "\xff"}', 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b"[" * 40 + b"]" * 40, 400, "bad_json"),
        (b'{"name": ' + b"9" * 100_000 + b"}", 400, "bad_json"),
        (b'{"name": 1e999}', 400, "bad_json"),
        (b"[]", 422, "validation_failed"),
        (b'"name"', 422, "validation_failed"),
        (b"{}", 422, "validation_failed"),
        (b'{"name": 1}', 422, "validation_failed"),
        (b'{"name": null}', 422, "validation_failed"),
        (b'{"name": ""}', 422, "validation_failed"),
        (b'{"name": "a\\u0000"}', 422, "validation_failed"),
        (b'{"name": "a\\ud800"}', 422, "validation_failed"),
        (b'{"name": "a\\n"}', 422, "validation_failed"),
        (b'{"name": "a", "colour": "red"}', 422, "validation_failed"),
        (b'{"name": "' + b"a" * 201 + b'"}', 422, "validation_failed"),
        (b'{"name": "' + b"a" * 10_000_000 + b'"}', 413, "body_too_large"),
    ],
)
def test_bad_bodies(client: FlaskClient, body: bytes, status: int, code: str) -> None:
    answer = client.post("/api/cars", data=body, headers=JSON)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert client.get("/api/cars").json["items"] == []


def test_a_long_list_below_a_long_key_takes_no_more_memory_than_itself(client: FlaskClient) -> None:
    # A pointer kept for each member of the list would be 20 GB.
    body = b'{"' + b"k" * 200_000 + b'": [' + b"0," * 100_000 + b"0]}"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = client.post("/api/cars", data=body, headers=JSON)
    assert answer.status_code == 422
    assert len(answer.data) < 2000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_text_that_cannot_be_kept_is_pointed_at(client: FlaskClient) -> None:
    body = b'{"name": "a", "attributes": {"a/b~c": [1, {"d": "\\u0000"}]}}'
    answer = client.post("/api/cars", data=body, headers=JSON)
    assert answer.json["errors"][0]["pointer"] == "/attributes/a~1b~0c/1/d"
    answer = client.post("/api/cars", data=b'{"a": {"\\ud800": 1}}', headers=JSON)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/a")


def test_a_body_of_another_type_is_refused(client: FlaskClient) -> None:
    for headers in ({}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}):
        answer = client.post("/api/cars", data=b'{"name": "a"}', headers=headers)
        assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")


def test_the_largest_allowed_nesting_passes(client: FlaskClient) -> None:
    car = client.post("/api/cars", json={"name": "a"}).json["id"]
    dump: Any = 1
    for _ in range(30):
        dump = [dump]
    body = {"from_infinity": True, "to_infinity": True, "allocation_type": "booking", "dump": dump}
    answer = client.post(f"/api/cars/{car}/allocations", json=body)
    assert answer.status_code == 201
    assert answer.json["dump"] == dump


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("limit=0", "limit"), ("limit=501", "limit"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"), ("a=1", "a")],
)
def test_bad_queries(client: FlaskClient, query: str, parameter: str) -> None:
    answer = client.get(f"/api/cars?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_query")
    assert answer.json["errors"][0]["parameter"] == parameter
