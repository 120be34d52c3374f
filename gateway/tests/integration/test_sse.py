"""Streams of events: each passes at once, silence is no failure, and who leaves takes the stream along."""

import threading
from collections.abc import Iterator

import pytest

from gateway_harness.memory_gateway import MemoryGateway
from gateway_harness.origin import OriginConnection
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient
from gateway_harness.slots import Slot
from moongate.core import limits

HEADS = {
    "chunked": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    "until close": b"HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nConnection: close\r\n\r\n",
}
ORDINARY = {
    "chunked": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
    "until close": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
}


def event(number: int) -> bytes:
    return b"id: %d\ndata: hello\n\n" % number


def framed(data: bytes, framing: str) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if framing == "chunked" else data


@pytest.fixture
def let() -> Iterator[threading.Semaphore]:
    """Lets the service send its next event."""
    semaphore = threading.Semaphore(0)
    yield semaphore
    semaphore.release(1000)


def read_until(client: RawClient, wanted: bytes) -> bytes:
    came = b""
    while not came.endswith(wanted):
        came += client.read_exactly(1)
    return came


@pytest.mark.parametrize("framing", HEADS)
def test_each_event_passes_before_the_next_is_made(slot: Slot, let: threading.Semaphore, framing: str) -> None:
    """No event is sent before the one before it was read at the other end: what is held back anywhere stops it all."""

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(HEADS[framing])
        for number in range(50):
            let.acquire(timeout=15)
            connection.send(framed(event(number), framing))
        connection.wait_gone()

    slot.serve(script)
    client = slot.client()
    client.send_request("GET", "/events", "Accept: text/event-stream")
    head = read_until(client, b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"text/event-stream" in head.lower()
    for number in range(50):
        let.release()
        assert event(number) in read_until(client, event(number) + b"\r\n")


def test_the_head_alone_passes_at_once(slot: Slot, let: threading.Semaphore) -> None:
    """A browser's EventSource is open once the head is there, long before the first event."""

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(HEADS["chunked"])
        let.acquire(timeout=15)
        connection.send(b"0\r\n\r\n")

    slot.serve(script)
    client = slot.client()
    client.send_request("GET", "/events")
    assert b"text/event-stream" in read_until(client, b"\r\n\r\n")
    let.release()
    assert client.read_exactly(5) == b"0\r\n\r\n"


def test_a_client_that_leaves_ends_the_stream_at_its_service(slot: Slot) -> None:
    gone = []

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(HEADS["chunked"] + framed(event(1), "chunked"))
        connection.wait_gone()
        gone.append(True)

    slot.serve(script)
    client = slot.client()
    client.send_request("GET", "/left")
    read_until(client, event(1))
    client.close()
    eventually(lambda: gone, "the stream is closed at its service", 2)
    line = slot.wait_log("/left")
    assert (line["status"], line["code"]) == (200, "client_gone")


def test_a_stream_that_ends_gives_its_connections_back(slot: Slot) -> None:
    def script(connection: OriginConnection) -> None:
        for _ in range(3):
            connection.read_request()
            connection.send(HEADS["chunked"] + framed(event(1), "chunked") + b"0\r\n\r\n")

    origin, client = slot.serve(script), slot.client()
    for _ in range(3):
        assert client.request("GET", "/short").body == event(1)
    assert origin.connections == 1


@pytest.mark.parametrize("framing", HEADS)
def test_thirty_minutes_of_silence_are_no_failure(framing: str) -> None:
    gateway = MemoryGateway()
    client, service = gateway.client(), gateway.service()
    client.receive(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
    gateway.time.loop.run_until_quiet()
    assert service.take_sent().startswith(b"GET /events ")
    service.receive(HEADS[framing] + framed(event(0), framing))
    assert event(0) in client.take_sent()
    for number in range(1, 4):
        gateway.time.let_pass(30 * 60)
        assert not client.is_closing()
        service.receive(framed(event(number), framing))
        assert event(number) in client.take_sent()


@pytest.mark.parametrize("framing", ORDINARY)
def test_an_ordinary_answer_that_falls_silent_is_cut(framing: str) -> None:
    gateway = MemoryGateway()
    client, service = gateway.client(), gateway.service()
    client.receive(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    service.receive(ORDINARY[framing] + framed(b"some", framing))
    gateway.time.let_pass(limits.BODY_IDLE_SECONDS - 1)
    assert not client.is_closing()
    gateway.time.let_pass(2)
    assert client.is_aborted
    assert service.is_aborted


def test_a_connection_that_carried_events_has_its_limits_again() -> None:
    gateway = MemoryGateway()
    client, service = gateway.client(), gateway.service()
    client.receive(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
    service.receive(HEADS["chunked"] + framed(event(0), "chunked"))
    gateway.time.let_pass(3600)
    service.receive(b"0\r\n\r\n")
    client.receive(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    gateway.time.let_pass(limits.RESPONSE_HEAD_SECONDS + 1)
    assert b" 504 " in client.take_sent()
    assert service.is_aborted


def test_a_web_socket_is_silent_for_five_minutes_at_most() -> None:
    gateway = MemoryGateway(route=", upgrade: websocket")
    client, service = gateway.client(), gateway.service()
    fields = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    client.receive(b"GET / HTTP/1.1\r\nHost: a\r\n" + fields + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    service.receive(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )
    assert client.take_sent().startswith(b"HTTP/1.1 101 ")
    for _ in range(10):
        gateway.time.let_pass(limits.TUNNEL_IDLE_SECONDS - 1)
        client.receive(b"\x8a\x80abcd")
        assert service.take_sent().endswith(b"\x8a\x80abcd")
    gateway.time.let_pass(limits.TUNNEL_IDLE_SECONDS + 3)
    assert client.lost_calls == service.lost_calls == 1
    assert gateway.ended[0].reason == "tunnel_idle"
