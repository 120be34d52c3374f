import json

import h11
import pytest

from moongate.core import errors
from moongate.core.edits import FieldEdits
from moongate.core.errors import Failure
from moongate.core.message import Field
from moongate.filters import Response
from moongate.proxy.replies import problem, reply_bytes

FAILURES = [each for each in vars(errors).values() if isinstance(each, Failure) and each is not errors.CLIENT_GONE]


def problem_reply(
    failure: Failure, *, keep_alive: bool = True, bodiless: bool = False, fields: tuple[Field, ...] = ()
) -> tuple[bytes, int]:
    return reply_bytes(problem(failure, b"id-1", fields), b"id-1", keep_alive=keep_alive, bodiless=bodiless)


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
    data, size = problem_reply(failure, keep_alive=keep_alive)
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
    data, size = problem_reply(errors.ROUTE_NOT_FOUND, bodiless=True)
    response, body, rest = read(data, "HEAD")
    assert (body, rest, size) == (b"", b"", 0)
    whole, _ = problem_reply(errors.ROUTE_NOT_FOUND)
    assert dict(response.headers)[b"content-length"] == b"%d" % len(read(whole)[1])


def test_fields_of_one_failure_alone() -> None:
    data, _ = problem_reply(errors.METHOD_NOT_ALLOWED, fields=((b"Allow", b"GET, HEAD"),))
    assert dict(read(data)[0].headers)[b"allow"] == b"GET, HEAD"


def test_an_answer_of_a_filter_s_own() -> None:
    data, size = reply_bytes(Response(201, b"made", ((b"X-A", b"1"), (b"X-B", b"2"))), b"id-1", keep_alive=True)
    response, body, rest = read(data)
    assert (response.status_code, body, rest, size) == (201, b"made", b"", 4)
    fields = dict(response.headers)
    assert (fields[b"x-a"], fields[b"x-request-id"], fields[b"content-length"]) == (b"1", b"id-1", b"4")
    edits = FieldEdits(frozenset((b"x-a",)), b"X-C: 3\r\n")
    edited, _ = reply_bytes(Response(201, b"", ((b"X-A", b"1"),)), b"id-1", keep_alive=True, edits=edits)
    names = [name for name, _ in read(edited)[0].headers]
    assert b"x-a" not in names
    assert b"x-c" in names


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_no_length(status: int) -> None:
    data, size = reply_bytes(Response(status, b"never sent"), b"id-1", keep_alive=True)
    response, body, rest = read(data)
    assert (body, rest, size) == (b"", b"", 0)
    assert b"content-length" not in dict(response.headers)
