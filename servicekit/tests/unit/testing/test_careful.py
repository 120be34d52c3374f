"""Careful callers."""

import httpx
from flask.testing import FlaskClient

from servicekit.testing.careful import be_careful


def test_changes_carry_what_a_careful_caller_sends(client: FlaskClient) -> None:
    assert client.post("/notes", json={"text": "a"}).status_code == 201
    assert client.post("/notes", json={"text": "a"}, headers={"Idempotency-Key": ""}).status_code == 400
    requests = [httpx.Request(method, "http://x/") for method in ("POST", "PATCH", "DELETE", "GET")]
    for request in requests:
        be_careful(request)
    assert len(requests[0].headers["Idempotency-Key"]) == 36
    assert [request.headers.get("If-Match") for request in requests] == [None, "*", "*", None]
