"""What of a response reaches the client, and when connections are kept."""

import socket

import pytest

from gateway_harness.origin import OriginConnection, Script
from gateway_harness.polling import eventually
from gateway_harness.slots import Slot


def sends(*pieces: bytes) -> Script:
    """A script that answers every request with ``pieces``."""

    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            for piece in pieces:
                connection.send(piece)

    return script


def test_status_reason_and_fields_come_as_they_were(slot: Slot) -> None:
    fields = b'Server: x/1\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nX-Bytes: gr\xfc\xdf\r\nDate: then\r\nETag: "e"\r\n'
    slot.serve(sends(b"HTTP/1.1 299 Quite Fine\r\n" + fields + b"Content-Length: 2\r\n\r\nok"))
    client = slot.client()
    for _ in range(2):
        response = client.request("GET", "/")
        assert (response.status, response.reason, response.body) == (299, b"Quite Fine", b"ok")
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in response.fields)
        assert lines.startswith(fields)
        assert lines[len(fields) :].startswith(b"Content-Length: 2\r\nX-Request-Id: ")
        assert len(response.fields) == 8


def test_what_is_about_the_upstream_connection_ends_at_the_gateway(slot: Slot) -> None:
    slot.serve(
        sends(
            b"HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\n"
            b"Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nX-Request-Id: theirs\r\nX-Kept: 1\r\n"
            b"Proxy-Connection: keep-alive\r\nContent-Length: 0\r\n\r\n"
        )
    )
    response = slot.client().request("GET", "/")
    assert [name for name, _ in response.fields] == [b"X-Kept", b"Content-Length", b"X-Request-Id"]
    assert response.value("x-request-id") != "theirs"


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(slot: Slot, status: int) -> None:
    origin = slot.serve(sends(b"HTTP/1.1 %d X\r\nETag: x\r\n\r\n" % status))
    client = slot.client()
    for _ in range(2):
        response = client.request("GET", "/")
        assert (response.status, response.body) == (status, b"")
        assert response.value("content-length") is None
        assert response.value("transfer-encoding") is None
    assert origin.connections == 1


def test_304_keeps_the_length_of_what_it_stands_for(slot: Slot) -> None:
    slot.serve(sends(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"))
    client = slot.client()
    assert client.request("GET", "/").value("content-length") == "500"
    assert client.request("GET", "/").status == 304


def test_head_of_a_chunked_answer(slot: Slot) -> None:
    slot.serve(sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
    client = slot.client()
    for _ in range(2):
        assert client.request("HEAD", "/").body == b""


def test_a_body_until_the_end_of_the_connection(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\n\r\nfirst ")
        connection.send(b"second")

    origin, client = slot.serve(script), slot.client()
    for _ in range(2):
        response = client.request("GET", "/")
        assert (response.body, response.value("transfer-encoding")) == (b"first second", "chunked")
    assert origin.connections == 2


def test_response_trailers_pass_only_to_clients_that_take_them(slot: Slot) -> None:
    slot.serve(
        sends(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"2\r\nok\r\n0\r\nX-Sum: 1\r\nSet-Cookie: evil\r\nTransfer-Encoding: chunked\r\nX_Sum: 2\r\n\r\n",
        )
    )
    client = slot.client()
    assert client.request("GET", "/", "TE: trailers").trailers == [(b"X-Sum", b"1")]
    assert client.request("GET", "/").trailers == []


def test_an_answer_octet_by_octet(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        connection.read_request()
        connection.trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")

    origin, client = slot.serve(script), slot.client()
    assert client.request("GET", "/").body == b"abc"
    assert client.request("GET", "/").body == b"abc"
    assert origin.connections == 1


def test_pieces_are_passed_on_when_they_come(slot: Slot) -> None:
    received: list[bytes] = []

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        eventually(lambda: received, "the client has the first event")
        connection.send(b"data: 2\n\n")

    slot.serve(script)
    client = slot.client()
    client.send_request("GET", "/events")
    head = b""
    while b"data: 1\n\n" not in head:
        head += client.sock.recv(4096)
    received.append(head)
    assert b"data: 2\n\n" in client.sock.recv(4096)


def test_interim_answers(slot: Slot) -> None:
    slot.serve(
        sends(
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n",
            b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        )
    )
    client = slot.client()
    for _ in range(2):
        response = client.request("GET", "/")
        assert (response.interim, response.status, response.body) == ([103, 102], 200, b"ok")
        assert response.interim_fields == [(b"Link", b"</a.css>")]


def test_http_1_0_is_spared_interim_answers(slot: Slot) -> None:
    slot.serve(sends(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    client = slot.client()
    client.send(f"GET / HTTP/1.0\r\nHost: {slot.host}\r\n\r\n".encode())
    assert client.read_to_end().startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("count", [16, 17])
def test_interim_answers_are_bounded(slot: Slot, count: int) -> None:
    slot.serve(sends(b"HTTP/1.1 103 Hint\r\n\r\n" * count + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    response = slot.client().request("GET", "/")
    assert (response.status, len(response.interim)) == ((200, 16) if count == 16 else (502, 16))


def test_http_1_0_closes_unless_it_asks(slot: Slot) -> None:
    slot.serve(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    client = slot.client()
    client.send(f"GET / HTTP/1.0\r\nHost: {slot.host}\r\n\r\n".encode())
    answer = client.read_to_end()
    assert answer.endswith(b"\r\n\r\nok")
    assert b"\r\nConnection: close\r\n" in answer


def test_http_1_0_keeps_alive_where_it_asks(slot: Slot) -> None:
    slot.serve(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    client = slot.client()
    for _ in range(3):
        client.send(f"GET / HTTP/1.0\r\nHost: {slot.host}\r\nConnection: keep-alive\r\n\r\n".encode())
        response = client.read_response()
        assert (response.body, response.value("connection")) == (b"ok", "keep-alive")


@pytest.mark.parametrize("wish", ["", "Connection: keep-alive\r\n"])
def test_http_1_0_reads_an_unchunked_body_to_the_end(slot: Slot, wish: str) -> None:
    slot.serve(sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"))
    client = slot.client()
    client.send(f"GET / HTTP/1.0\r\nHost: {slot.host}\r\n{wish}\r\n".encode())
    answer = client.read_to_end()
    assert answer.endswith(b"\r\n\r\nok")
    assert b"Transfer-Encoding" not in answer


def test_http_1_0_notices_a_body_that_was_cut_off(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
        eventually(lambda: received, "the client has the first piece")

    received: list[bytes] = []
    slot.serve(script)
    client = slot.client()
    client.send(f"GET / HTTP/1.0\r\nHost: {slot.host}\r\n\r\n".encode())
    answer = b""
    while not answer.endswith(b"ok"):
        answer += client.sock.recv(4096)
    received.append(answer)
    with pytest.raises(ConnectionResetError):  # an end in good order would say that this was all
        client.read_to_end()


def test_an_answer_in_http_1_0(slot: Slot) -> None:
    origin = slot.serve(
        sends(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        sends(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"),
    )
    client = slot.client()
    for _ in range(3):
        assert client.request("GET", "/").body == b"ok"
    assert [request.connection for request in origin.requests] == [0, 1, 1]
    assert b"HTTP/1.1\r\n" in origin.requests[0].head


def test_connections_are_kept_on_both_sides(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    for _ in range(20):
        assert client.request("GET", "/").value("connection") is None
        assert client.request("POST", "/", body=b"x").status == 200
    assert origin.connections == 1


def test_a_client_that_wants_no_more(slot: Slot) -> None:
    origin, client = slot.serve(), slot.client()
    assert client.request("GET", "/", "Connection: close").value("connection") == "close"
    client.wait_closed()
    assert slot.client().request("GET", "/").status == 200
    assert origin.connections == 1


def test_a_service_that_wants_no_more(slot: Slot) -> None:
    origin = slot.serve(sends(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"))
    client = slot.client()
    for _ in range(3):
        response = client.request("GET", "/")
        assert (response.body, response.value("connection")) == (b"ok", None)
    assert origin.connections == 3


def test_pipelined_requests_are_answered_in_order(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.answer(200, connection.read_request().target.encode())

    origin, client = slot.serve(script), slot.client()
    requests = []
    for number in range(100):
        if number % 3:
            requests.append(f"GET /{number} HTTP/1.1\r\nHost: {slot.host}\r\n\r\n")
        else:
            requests.append(f"GET /{number} HTTP/1.1\r\nHost: nobody.test\r\n\r\n")
    client.send("".join(requests).encode())
    for number in range(100):
        response = client.read_response()
        if number % 3:
            assert (response.status, response.body) == (200, b"/%d" % number)
        else:
            assert response.code == "route_not_found"
    assert origin.connections == 1
    assert client.is_open()


def test_pipelined_posts_with_bodies_in_pieces(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.answer(200, connection.read_request().body)

    slot.serve(script)
    client = slot.client()
    raw = b"".join(
        b"POST / HTTP/1.1\r\nHost: %b\r\nContent-Length: 4\r\n\r\n%04d" % (slot.host.encode(), number)
        + b"POST / HTTP/1.1\r\nHost: %b\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nc%03d\r\n0\r\n\r\n"
        % (slot.host.encode(), number)
        for number in range(30)
    )
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for start in range(0, len(raw), 37):
        client.send(raw[start : start + 37])
    for number in range(30):
        assert client.read_response("POST").body == b"%04d" % number
        assert client.read_response("POST").body == b"c%03d" % number
