"""Reserved segments."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/events", "GET"),
        ("DELETE", "/api/kinds", "GET"),
        ("GET", "/api/cars/allocations", "POST"),
        ("PATCH", "/api/cars/allocations", "POST"),
    ],
)
def test_a_word_of_the_api_is_neither_kind_nor_id(client: FlaskClient, method: str, path: str, allowed: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert allowed in answer.headers["Allow"]


def test_what_only_begins_like_one_is_free(client: FlaskClient) -> None:
    assert client.get("/api/eventsx").json["code"] == "kind_not_found"
    assert client.get("/api/cars/allocationsx").json["code"] == "resource_not_found"
