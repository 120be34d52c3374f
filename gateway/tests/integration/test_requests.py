"""What of a request reaches the service, and what does not."""

import json

import pytest

from gateway_harness.origin import OriginConnection
from gateway_harness.slots import Slot

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "QUERY", "PURGE", "REPORT")


def test_every_method_is_forwarded_as_it_is(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    for method in METHODS:
        assert client.request(method, "/thing").status == 200
    assert [request.method for request in origin.requests] == list(METHODS)


def test_head_has_the_length_and_no_body(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nETag: x\r\n\r\n")
        connection.read_request()
        connection.answer()

    slot.serve(script)
    client = slot.client()
    response = client.request("HEAD", "/thing")
    assert (response.status, response.value("content-length"), response.body) == (200, "5000", b"")
    assert client.request("GET", "/next").body == b"ok"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "FROBNICATE"])
def test_methods_that_are_never_forwarded(slot: Slot, method: str) -> None:
    origin, client = slot.serve(), slot.client()
    target = "any.test:443" if method == "CONNECT" else "/"
    client.send(f"{method} {target} HTTP/1.1\r\nHost: {slot.host}\r\n\r\n".encode())
    assert client.read_response().status == 405
    assert not origin.requests


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/a/b/c",
        "/a?",
        "/a?b=c&b=d",
        "/a?b=%2F..%2f&c=/../x",
        "/a?q=a+b%20c&empty=&&=x",
        "/a/%E2%82%AC?%e2%82%ac=1",
        "/a;p=1/b,c/!$&'()*+=:@~_-.x",
        "/trailing/",
    ],
)
def test_path_and_query_arrive_octet_by_octet(slot: Slot, target: str) -> None:
    origin, client = slot.serve(), slot.client()
    assert client.request("GET", target).status == 200
    assert origin.requests[0].target == target


def test_end_to_end_fields_keep_order_spelling_and_octets(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    lines = [
        "X-Zulu: 1",
        "accept:  text/html ,  */*;q=0.1",
        "x-ALPHA: first",
        "Cookie: a=1; b=2",
        "x-alpha: second",
        "X-Bytes: gr\xfc\xdf dich\t!",
        "X-Empty:",
        "Authorization: Bearer abc.def",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate: congo=t61rcWkgMzE",
    ]
    for _ in range(2):  # parsed at first, recognized from then on
        client.request("GET", "/", *lines)
    for request in origin.requests:
        own = [line for line in request.lines if line.split(b":")[0].lower() == b"host"]
        passed = [line.split(b":")[0] for line in request.lines][1 : 1 + len(lines)]
        assert own == [f"Host: {slot.host}".encode()]
        assert passed == [line.split(":")[0].encode() for line in lines]
        assert request.values("x-alpha") == ["first", "second"]
        assert request.value("x-bytes") == "gr\xfc\xdf dich\t!"
        assert request.value("accept") == "text/html ,  */*;q=0.1"
        assert request.value("x-empty") == ""


def test_what_is_about_the_connection_ends_at_the_gateway(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    lines = [
        "Connection: keep-alive, X-Hop, x-other",
        "X-Hop: 1",
        "X-OTHER: 2",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "Proxy-Authorization: Basic eA==",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQAAP__",
        "TE: gzip",
        "X-Kept: 3",
    ]
    assert client.request("GET", "/", *lines).status == 200
    names = {line.split(b":")[0].lower() for line in origin.requests[0].lines}
    assert names == {
        b"host",
        b"x-kept",
        b"via",
        b"x-request-id",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
    }


def test_connection_can_not_name_away_what_others_rely_on(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    named = (
        "Authorization, Cookie, Cache-Control, X-Forwarded-For, X-Request-Id, Host, Content-Length, Via, traceparent"
    )
    lines = [f"Connection: {named}", "Authorization: secret", "Cookie: c=1", "Cache-Control: no-cache"]
    lines += ["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
    assert client.request("POST", "/", *lines, body=b"body").status == 200
    request = origin.requests[0]
    assert request.body == b"body"
    for name in named.split(", "):
        assert request.value(name), name


def test_names_with_an_underscore_are_dropped(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    lines = ["X_Forwarded_For: 1.2.3.4", "Content_Length: 5", "x_user: root", "X-Fine: yes"]
    for _ in range(2):
        assert client.request("GET", "/", *lines).status == 200
    for request in origin.requests:
        assert not [line for line in request.lines if b"_" in line.split(b":")[0]]
        assert request.value("x-fine") == "yes"


def test_the_service_is_told_who_asked_and_how(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    response = client.request("GET", "/", "Via: 1.0 fred")
    request = origin.requests[0]
    assert request.value("x-forwarded-for") == "127.0.0.1"
    assert request.value("x-forwarded-proto") == "http"
    assert request.value("x-forwarded-host") == slot.host
    assert request.values("via") == ["1.0 fred", "1.1 moongate"]
    assert request.value("x-request-id") == response.value("x-request-id")


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port"])
def test_a_stranger_is_not_believed(slot: Slot, name: str) -> None:
    origin, client = slot.serve(), slot.client()
    lines = [f"{name}: 10.0.0.1", f"{name.lower()}: 10.0.0.2", "Forwarded: for=10.0.0.3", "X-Real-IP: 10.0.0.4"]
    assert client.request("GET", "/", *lines, "X-Request-Id: mine").status == 200
    head = origin.requests[0].head
    assert b"10.0.0." not in head
    assert b"mine" not in head


def test_request_ids_differ_and_are_in_the_log(slot: Slot) -> None:
    slot.serve()
    client = slot.client()
    ids = [client.request("GET", "/ids").value("x-request-id") for _ in range(10)]
    assert len(set(ids)) == 10
    assert slot.wait_log("/ids")["request_id"] in ids


@pytest.mark.parametrize("size", [0, 1, 1000, 65536, 3_000_000])
def test_bodies_with_a_length_go_both_ways(slot: Slot, size: int) -> None:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.answer(200, connection.read_request().body)

    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    origin, client = slot.serve(script), slot.client()
    for _ in range(2):
        response = client.request("PUT", "/", f"Content-Length: {size}", body=body)
        assert response.body == body
        assert response.value("content-length") == str(size)
    assert origin.requests[0].value("content-length") == str(size)
    assert origin.requests[0].value("transfer-encoding") is None
    assert origin.connections == 1


@pytest.mark.parametrize("sizes", [[1], [5, 70_000, 1], [1000] * 50])
def test_chunked_bodies_go_both_ways(slot: Slot, sizes: list[int]) -> None:
    def script(connection: OriginConnection) -> None:
        while True:
            body = connection.read_request().body
            connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            half = len(body) // 2
            for piece in (body[:half], body[half:]):
                if piece:
                    connection.send(b"%x;ext=1\r\n%b\r\n" % (len(piece), piece))
            connection.send(b"0\r\n\r\n")

    origin, client = slot.serve(script), slot.client()
    chunks = [bytes([65 + number % 26]) * size for number, size in enumerate(sizes)]
    body = b"".join(b"%x;secret-ext\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    for _ in range(2):
        response = client.request("POST", "/", "Transfer-Encoding: chunked", body=body)
        assert response.body == b"".join(chunks)
        assert response.value("transfer-encoding") == "chunked"
    assert origin.requests[0].value("content-length") is None
    assert origin.connections == 1


def test_a_request_that_comes_octet_by_octet(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    raw = f"POST /slow?x HTTP/1.1\r\nHost: {slot.host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    for octet in raw.encode():
        client.send(bytes((octet,)))
    assert client.read_response().status == 200
    assert origin.requests[0].body == b"abc"


def test_request_trailers_pass_only_where_trailers_were_announced(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    body = (
        b"3\r\nabc\r\n0\r\nX-Sum: 1\r\nHost: evil\r\nContent-Length: 9\r\nX_Sum: 2\r\nX-Forwarded-For: 1.1.1.1\r\n"
        b"X-Client-Id: root\r\n\r\n"
    )
    client.request("POST", "/", "Transfer-Encoding: chunked", "TE: trailers", body=body)
    client.request("POST", "/", "Transfer-Encoding: chunked", body=body)
    with_te, without = origin.requests
    assert with_te.trailers == [b"X-Sum: 1"]
    assert with_te.value("te") == "trailers"
    assert with_te.value("connection") == "TE"
    assert without.trailers == []
    assert without.value("te") is None


def test_a_trusted_log_line_tells_the_exchange(slot: Slot) -> None:
    slot.serve()
    response = slot.client().request(
        "POST",
        "/logged?secret=1",
        "User-Agent: tester/1",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        body=b"12345",
    )
    line = slot.wait_log("/logged")
    assert "secret" not in json.dumps(line)
    expected = {
        "request_id": response.value("x-request-id"),
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "generation": 1,
        "client": None,
        "route": slot.name,
        "service": slot.name,
        "target": f"http://127.0.0.1:{slot.ports[0]}",
        "method": "POST",
        "path": "/logged",
        "status": 200,
        "code": None,
        "origin": "upstream",
        "retries": 0,
        "bytes_in": 5,
        "bytes_out": 2,
        "remote": "127.0.0.1",
        "user_agent": "tester/1",
    }
    assert {key: line[key] for key in expected} == expected
    assert 0 < float(str(line["upstream_ms"])) <= float(str(line["duration_ms"])) + 1
