"""The answers that the gateway gives itself: their exact form, and that nothing leaks into them."""

import pytest

from gateway_harness.origin import OriginConnection
from gateway_harness.raw_client import Response
from gateway_harness.slots import Slot, TakeSlot

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "origin", "request_id"}


def assert_problem(response: Response, status: int, code: str) -> None:
    problem = response.problem
    assert (response.status, problem["code"]) == (status, code)
    assert set(problem) == MEMBERS
    assert (problem["type"], problem["status"], problem["origin"]) == ("about:blank", status, "gateway")
    assert problem["request_id"] == response.value("x-request-id")
    assert problem["instance"] == f"urn:request:{problem['request_id']}"
    assert problem["title"]
    assert problem["detail"]
    assert response.value("cache-control") == "no-store"
    assert response.value("content-length") == str(len(response.body))
    assert response.value("server") is None


REFUSED = {
    "bad request line": (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request"),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400, "bad_request"),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        400,
        "bad_request",
    ),
    "length and chunks": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        "bad_request",
    ),
    "bad path": (b"GET /%2e%2e/%2fa HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request"),
    "uri too long": (b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "uri_too_long"),
    "headers too large": (
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 8000 + b"\r\nY: " + b"a" * 8200 + b"\r\n\r\n",
        431,
        "headers_too_large",
    ),
    "too many fields": (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 100 + b"\r\n", 431, "headers_too_large"),
    "other expectation": (
        b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\nContent-Length: 1\r\n\r\n",
        417,
        "expectation_failed",
    ),
    "unknown coding": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        501,
        "transfer_coding_unknown",
    ),
    "another version": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version_not_supported"),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_messages_are_answered_and_the_connection_ends(slot: Slot, name: str) -> None:
    raw, status, code = REFUSED[name]
    origin, client = slot.serve(), slot.client()
    client.send(raw.replace(b"Host: a", b"Host: " + slot.host.encode()))
    response = client.read_response()
    assert_problem(response, status, code)
    assert response.value("connection") == "close"
    client.wait_closed()
    assert not origin.requests
    request_id = response.value("x-request-id")
    line = slot.gateway.wait_log(lambda line: line["request_id"] == request_id, name)
    assert (line["status"], line["code"], line["origin"], line["route"]) == (status, code, "gateway", None)
    assert line["reason"]


def test_no_route_is_404_and_the_connection_goes_on(slot: Slot) -> None:
    slot.serve()
    client = slot.gateway.connect("nobody.test")
    with client:
        assert_problem(client.request("GET", "/"), 404, "route_not_found")
        assert_problem(client.request("POST", "/", body=b"x" * 5000), 404, "route_not_found")
        response = client.request("HEAD", "/")
        assert (response.status, response.body) == (404, b"")
        assert int(response.value("content-length") or 0) > 100
        assert client.request("GET", "/").value("connection") is None


def test_http_1_0_is_not_left_waiting_after_an_answer_of_ours(slot: Slot) -> None:
    with slot.gateway.connect() as client:
        client.send(b"GET / HTTP/1.0\r\nHost: nobody.test\r\nConnection: keep-alive\r\n\r\n")
        response = client.read_response()
        assert response.status == 404
        if response.value("connection") != "keep-alive":
            client.wait_closed()


def test_another_method_is_405_with_those_allowed(take: TakeSlot) -> None:
    slot = take("reads")
    origin, client = slot.serve(), slot.client()
    response = client.request("DELETE", "/")
    assert_problem(response, 405, "method_not_allowed")
    assert set((response.value("allow") or "").split(", ")) == {"GET", "HEAD", "POST"}
    assert client.request("HEAD", "/").status == 200
    assert len(origin.requests) == 1


def test_a_body_over_the_routes_limit_by_its_length(take: TakeSlot) -> None:
    slot = take("small")
    origin, client = slot.serve(), slot.client()
    assert client.request("POST", "/", body=b"x" * 1000).status == 200
    response = client.request("POST", "/over", body=b"x" * 1001)
    assert_problem(response, 413, "body_too_large")
    client.wait_closed()
    assert len(origin.requests) == 1


def test_a_body_over_the_routes_limit_as_it_grows(take: TakeSlot) -> None:
    slot = take("small")

    def script(connection: OriginConnection) -> None:
        connection.read_head()
        connection.wait_gone()

    slot.serve(script)
    client = slot.client()
    chunk = b"1f4\r\n" + b"x" * 500 + b"\r\n"
    client.send_request("POST", "/grows", "Transfer-Encoding: chunked", body=chunk + chunk)
    client.send(b"1\r\nx\r\n")
    assert_problem(client.read_response("POST"), 413, "body_too_large")
    client.wait_closed()
    assert slot.wait_log("/grows")["reason"] == "body_grew"


def test_a_chunked_body_of_just_the_limit(take: TakeSlot) -> None:
    slot = take("small")
    origin, client = slot.serve(), slot.client()
    body = b"3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n"
    assert client.request("POST", "/", "Transfer-Encoding: chunked", body=body).status == 200
    assert len(origin.requests[0].body) == 1000


def test_a_large_refused_body_does_not_take_the_answer_with_it(take: TakeSlot) -> None:
    """The client reads only after it has sent everything that the kernel takes."""
    slot = take("small")
    slot.serve()
    client = slot.client()
    client.send_request("POST", "/", "Content-Length: 60000", body=b"x" * 60_000)
    assert_problem(client.read_response("POST"), 413, "body_too_large")


def test_bad_chunks_in_a_body_under_way(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_head()
        connection.wait_gone()

    slot.serve(script)
    client = slot.client()
    client.send_request("POST", "/", "Transfer-Encoding: chunked", body=b"3\r\nabc\r\nzz\r\n")
    assert_problem(client.read_response("POST"), 400, "bad_request")
    client.wait_closed()


def test_expect_100_continue_is_answered_here(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    for _ in range(2):
        client.send_request("PUT", "/", "Expect: 100-Continue", "Content-Length: 4")
        assert client.read_exactly(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(b"body")
        assert client.read_response("PUT").status == 200
    assert [request.body for request in origin.requests] == [b"body", b"body"]
    assert all(request.value("expect") is None for request in origin.requests)


def test_expect_100_continue_where_the_body_comes_along(slot: Slot) -> None:
    slot.serve()
    client = slot.client()
    for _ in range(2):
        assert client.request("PUT", "/", "Expect: 100-continue", body=b"body").status == 200


def test_a_refused_expectation_ends_the_connection(slot: Slot) -> None:
    with slot.gateway.connect("nobody.test") as client:
        client.send_request("PUT", "/", "Expect: 100-continue", "Content-Length: 4")
        response = client.read_response("PUT")
        assert (response.status, response.interim) == (404, [])
        assert response.value("connection") == "close"
        client.wait_closed()


CANARY = "c4n4ry-7f3a"


def answers_with_canaries(connection: OriginConnection) -> None:
    connection.read_request()
    connection.send(f"{CANARY}\r\n\r\n".encode())


def test_nothing_of_the_caller_or_the_service_leaks(take: TakeSlot) -> None:
    answers: list[Response] = []
    fields = (f"Authorization: Bearer {CANARY}", f"Cookie: s={CANARY}", f"X-Api-Key: {CANARY}", f"X-Bad: {CANARY}\x01")
    unserved, hasty, small = take("plain"), take("hasty"), take("small")
    hasty.serve(lambda connection: connection.wait_gone())
    small.serve()
    garbage = take("plain")
    garbage.serve(answers_with_canaries)
    for slot in (unserved, hasty, small, garbage):
        target = f"/{CANARY}?q={CANARY}"
        answers.append(slot.client().request("GET", target, *fields[:3]))
        answers.append(slot.client().request("GET", target, *fields))
        answers.append(slot.client().request("POST", target, *fields[:3], body=CANARY.encode() * 100))
        answers.append(slot.client().request("FROB", target, *fields[:3]))
        with slot.gateway.connect(f"{CANARY}.test") as client:
            answers.append(client.request("GET", target, *fields[:3]))
    ports = {str(port) for slot in (unserved, hasty, small, garbage) for port in slot.ports}
    own = [answer for answer in answers if answer.status != 200]
    assert {answer.status for answer in own} >= {400, 404, 405, 413, 502, 504}
    for answer in own:
        words = answer.body + b" ".join(name + value for name, value in answer.fields)
        assert CANARY.encode() not in words
        assert b"127.0.0.1" not in words
        assert b"Error" not in words
        assert not [port for port in ports if f":{port}".encode() in words]
