"""A service that misbehaves: the right answer for its client, and no connection reused that can not be trusted."""

from collections.abc import Callable

import pytest

from gateway_harness.origin import OriginConnection, Script, serve_ok
from gateway_harness.polling import eventually
from gateway_harness.raw_client import TruncatedError
from gateway_harness.slots import Slot, TakeSlot

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def then(*actions: Callable[[OriginConnection], None]) -> Script:
    """Reads one request, does ``actions``, and waits until the gateway ends the connection."""

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        for action in actions:
            action(connection)
        if connection.sock.fileno() >= 0:
            connection.wait_gone()

    return script


def send(data: bytes) -> Callable[[OriginConnection], None]:
    return lambda connection: connection.send(data)


NO_ANSWER = {
    "closes at once": (then(OriginConnection.close), "upstream_closed"),
    "resets at once": (then(OriginConnection.reset), "upstream_closed"),
    "ends its side": (then(OriginConnection.half_close), "upstream_closed"),
    "closes within the head": (then(send(b"HTTP/1.1 200 OK\r\nContent-"), OriginConnection.close), None),
    "resets within the head": (then(send(b"HTTP/1.1 200 OK\r\nContent-"), OriginConnection.reset), None),
    "closes after 100": (then(send(b"HTTP/1.1 100 Continue\r\n\r\n"), OriginConnection.close), None),
    "garbage": (then(send(b"\x16\x03\x01 what is this\r\n\r\n")), "bad_status_line"),
    "another protocol": (then(send(b"SSH-2.0-OpenSSH_9.2\r\n" + b"x" * 20_000)), None),
    "no reason to be 2.0": (then(send(b"HTTP/2.0 200 OK\r\n\r\n")), "bad_status_line"),
    "status 99": (then(send(b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n")), "bad_status_line"),
    "status 600": (then(send(b"HTTP/1.1 600 High\r\nContent-Length: 0\r\n\r\n")), "bad_status_line"),
    "bare LF": (then(send(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok\r\n\r\n")), None),
    "a head too large": (then(send(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 17_000 + b"\r\n\r\n")), None),
    "too many fields": (then(send(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 101 + b"\r\n")), "too_many_fields"),
    "a control character": (then(send(b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n")), None),
    "a folded field": (then(send(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n")), None),
    "two lengths": (then(send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok")), None),
    "a bad length": (then(send(b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok")), None),
    "length and chunks": (
        then(send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
        None,
    ),
    "an unknown coding": (then(send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")), "bad_te"),
    "a switch nobody asked for": (
        then(send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")),
        "unexpected_interim_response",
    ),
}


SILENT = {"closes at once", "resets at once", "ends its side"}


@pytest.mark.parametrize("name", NO_ANSWER)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_answer_that_makes_sense_is_502(slot: Slot, name: str, method: str) -> None:
    """Only a connection that ends without an octet may have ended before it saw the request: that is asked again where
    asking twice is asking once."""
    script, reason = NO_ANSWER[name]
    origin, client = slot.serve(script, serve_ok), slot.client()
    response = client.request(method, "/fault", body=b"x" * (method == "POST"))
    is_redone = method == "GET" and name in SILENT
    assert response.status == (200 if is_redone else 502)
    assert client.request("GET", "/after").status == 200  # the client's connection is as good as before
    assert [request.connection for request in origin.requests] == ([0, 1, 1] if is_redone else [0, 1])
    if not is_redone:
        assert response.code == "upstream_protocol_error"
        line = slot.wait_log("/fault")
        assert (line["code"], line["origin"], line["retries"]) == ("upstream_protocol_error", "gateway", 0)
        assert float(str(line["upstream_ms"])) >= 0
        assert reason in (None, line["reason"])


@pytest.mark.parametrize("name", NO_ANSWER)
def test_nonsense_on_a_reused_connection_is_not_asked_again(slot: Slot, name: str) -> None:
    script, _ = NO_ANSWER[name]

    def after_one(connection: OriginConnection) -> None:
        connection.read_request()
        connection.answer()
        script(connection)

    origin, client = slot.serve(after_one, serve_ok), slot.client()
    assert client.request("GET", "/first").status == 200
    assert client.request("GET", "/second").status == (200 if name in SILENT else 502)
    assert [request.connection for request in origin.requests] == ([0, 0, 1] if name in SILENT else [0, 0])


CUT = {
    "length, closed": then(send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), OriginConnection.close),
    "length, reset": then(send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), OriginConnection.reset),
    "chunks, closed": then(
        send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), OriginConnection.close
    ),
    "bad chunk": then(send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")),
    "bad trailer": then(send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\x01: x\r\n\r\n")),
}


@pytest.mark.parametrize("name", CUT)
def test_a_cut_answer_is_noticed_by_the_client(slot: Slot, name: str) -> None:
    origin, client = slot.serve(CUT[name], serve_ok), slot.client()
    with pytest.raises((TruncatedError, ConnectionResetError)):
        client.request("GET", "/cut")
    line = slot.wait_log("/cut")
    assert (line["status"], line["code"], line["origin"]) == (200, "upstream_protocol_error", "upstream")
    assert slot.client().request("GET", "/after").status == 200
    assert [request.connection for request in origin.requests] == [0, 1]


DIRTY = {
    "more than its length": OK + b"surplus",
    "a second answer": OK + OK,
    "more behind chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nsurplus",
    "a body with 204": b"HTTP/1.1 204 No Content\r\n\r\nsurplus",
    "a body with 304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok",
}


@pytest.mark.parametrize("name", DIRTY)
def test_a_connection_with_surplus_octets_is_not_reused(slot: Slot, name: str) -> None:
    origin, client = slot.serve(then(send(DIRTY[name])), serve_ok), slot.client()
    try:
        assert client.request("GET", "/dirty").status in {200, 204, 304}
    except (TruncatedError, ConnectionResetError):
        assert "chunks" in name
        client = slot.client()
    assert client.request("GET", "/after").body == b"ok"
    assert [request.connection for request in origin.requests] == [0, 1]


def test_octets_that_nobody_asked_for_end_an_idle_connection(slot: Slot) -> None:
    told: list[str] = []

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.answer()
        eventually(lambda: told, "the client has its answer")
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        connection.wait_gone()
        told.append("gone")

    origin, client = slot.serve(script, serve_ok), slot.client()
    assert client.request("GET", "/").body == b"ok"
    told.append("answered")
    eventually(lambda: told[-1] == "gone", "the gateway closed the idle connection")
    assert client.request("GET", "/").body == b"ok"
    assert [request.connection for request in origin.requests] == [0, 1]


def test_an_answer_before_the_body_is_done(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_head()
        connection.answer(413, b"too much")
        connection.wait_gone()

    origin, client = slot.serve(script, serve_ok), slot.client()
    client.send(f"POST /early HTTP/1.1\r\nHost: {slot.host}\r\nContent-Length: 100000\r\n\r\n".encode() + b"x" * 70_000)
    response = client.read_response("POST")
    assert (response.status, response.body, response.value("connection")) == (413, b"too much", "close")
    client.send(b"x" * 1000)
    client.half_close()
    client.wait_closed()
    assert slot.client().request("GET", "/").status == 200
    assert [request.connection for request in origin.requests] == [0, 1]


def test_an_answer_in_the_midst_of_a_large_upload(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_head()
        connection.read_exactly(100_000)
        connection.answer(403, b"no")
        connection.wait_gone()

    slot.serve(script, serve_ok)
    client = slot.client()
    client.send(f"POST /early HTTP/1.1\r\nHost: {slot.host}\r\nContent-Length: 5000000\r\n\r\n".encode())
    client.send(b"x" * 120_000)
    assert client.read_response("POST").status == 403


def test_an_early_answer_may_be_read_while_the_body_goes_on(slot: Slot) -> None:
    """An echo: the service answers while it reads, and both go on together."""

    def script(connection: OriginConnection) -> None:
        connection.read_head()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")
        for _ in range(20):
            connection.send(connection.read_exactly(10_000))

    slot.serve(script)
    client = slot.client()
    client.send(f"POST /echo HTTP/1.1\r\nHost: {slot.host}\r\nContent-Length: 200000\r\n\r\n".encode())
    for number in range(20):
        client.send(bytes([65 + number]) * 10_000)
    response = client.read_response("POST")
    assert response.body == b"".join(bytes([65 + number]) * 10_000 for number in range(20))


def test_no_answer_in_time_is_504(take: TakeSlot) -> None:
    slot = take("hasty")
    origin, client = slot.serve(then(), serve_ok), slot.client()
    response = client.request("GET", "/late")
    assert (response.status, response.code) == (504, "upstream_timeout")
    assert client.request("GET", "/after").status == 200
    assert [request.connection for request in origin.requests] == [0, 1]
    assert slot.wait_log("/late")["reason"] == "response_head_timeout"


def test_a_late_answer_on_a_reused_connection_is_not_asked_again(take: TakeSlot) -> None:
    slot = take("hasty")

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.answer()
        connection.read_request()
        connection.wait_gone()

    origin, client = slot.serve(script, serve_ok), slot.client()
    assert client.request("GET", "/first").status == 200
    assert client.request("GET", "/late").status == 504
    assert len(origin.requests) == 2


def test_a_late_answer_finds_nobody(take: TakeSlot) -> None:
    """What comes after the 504 reaches no other request."""
    slot = take("hasty")
    answered: list[int] = []

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        eventually(lambda: answered, "the client was told 504")
        connection.send(OK.replace(b"ok", b"NO"))
        connection.wait_gone()

    slot.serve(script, serve_ok)
    client = slot.client()
    answered.append(client.request("GET", "/late").status)
    assert client.request("GET", "/after").body == b"ok"


def test_silence_within_a_body_cuts_the_answer(take: TakeSlot) -> None:
    slot = take("hasty")
    slot.serve(then(send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")))
    with pytest.raises((TruncatedError, ConnectionResetError)):
        slot.client().request("GET", "/silence")
    assert slot.wait_log("/silence")["reason"] == "response_timeout"


def test_a_slow_body_that_moves_is_no_silence(take: TakeSlot) -> None:
    slot = take("hasty")
    body = b"x" * 200  # 2 s in all, each octet within 250 ms

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
        connection.trickle(body, 0.01)

    slot.serve(script)
    assert slot.client().request("GET", "/").body == body


def test_events_may_be_silent_for_long(take: TakeSlot) -> None:
    slot = take("hasty")
    gone = []

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        connection.sock.settimeout(1.5)  # six times what another body is given
        try:
            gone.append(connection.sock.recv(1))
        except TimeoutError:
            connection.send(b"data: 2\n\n")

    slot.serve(script)
    assert slot.client().request("GET", "/").body == b"data: 1\n\ndata: 2\n\n"
    assert not gone
