import json

import h11
import pytest

from moongate.core import errors
from moongate.core.errors import Failure
from moongate.proxy.replies import problem_reply

FAILURES = [each for each in vars(errors).values() if isinstance(each, Failure) and each is not errors.CLIENT_GONE]


def read(data: bytes, method: str = "GET") -> tuple[h11.Response, bytes, bytes]:
    """The response, its body, and what follows it."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(data)
    response, body = parser.next_event(), b""
    assert isinstance(response, h11.Response)
    while isinstance(event := parser.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    return response, body, parser.trailing_data[0]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.code)
@pytest.mark.parametrize("keep_alive", [True, False])
def test_each_failure_is_one_whole_response(failure: Failure, keep_alive: bool) -> None:
    data, size = problem_reply(failure, b"id-1", keep_alive=keep_alive)
    response, body, rest = read(data)
    fields = dict(response.headers)
    assert (response.status_code, rest, size) == (failure.status, b"", len(body))
    assert json.loads(body) == {
        "type": "about:blank",
        "title": failure.title,
        "status": failure.status,
        "detail": failure.detail,
        "instance": "urn:request:id-1",
        "code": failure.code,
        "origin": "gateway",
        "request_id": "id-1",
    }
    assert fields[b"content-type"] == b"application/problem+json"
    assert fields[b"x-request-id"] == b"id-1"
    assert fields[b"cache-control"] == b"no-store"
    assert (fields.get(b"connection") == b"close") is not keep_alive
    assert fields.get(b"retry-after") == (b"%d" % failure.retry_after if failure.retry_after else None)
    assert b"server" not in fields


@pytest.mark.parametrize("status", [503])
def test_whoever_is_turned_away_is_told_when_to_come_back(status: int) -> None:
    assert all(failure.retry_after for failure in FAILURES if failure.status == status)


def test_head_is_told_the_length_and_sent_no_body() -> None:
    data, size = problem_reply(errors.ROUTE_NOT_FOUND, b"id", keep_alive=True, bodiless=True)
    response, body, rest = read(data, "HEAD")
    assert (body, rest, size) == (b"", b"", 0)
    whole, _ = problem_reply(errors.ROUTE_NOT_FOUND, b"id", keep_alive=True)
    assert dict(response.headers)[b"content-length"] == b"%d" % len(read(whole)[1])


def test_fields_of_one_failure_alone() -> None:
    data, _ = problem_reply(errors.METHOD_NOT_ALLOWED, b"id", keep_alive=True, fields=((b"Allow", b"GET, HEAD"),))
    assert dict(read(data)[0].headers)[b"allow"] == b"GET, HEAD"
