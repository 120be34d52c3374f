"""Clients that go, clients and services that are slow: memory stays bounded and nothing is lost."""

import contextlib
import hashlib
import itertools
import os
import threading
from pathlib import Path

import pytest

from gateway_harness.gateway_process import one_service, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient
from gateway_harness.slots import Slot

MIB = 1 << 20
LARGE = 64 * MIB
BLOCK = os.urandom(MIB)


@pytest.mark.parametrize("stage", ["before the head", "within the body"])
@pytest.mark.parametrize("manner", ["close", "reset", "half_close"])
def test_a_client_that_goes_takes_its_upstream_connection_along(slot: Slot, stage: str, manner: str) -> None:
    gone = []

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        if stage == "within the body":
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        connection.wait_gone(5)
        gone.append(True)

    origin, client = slot.serve(script), slot.client()
    client.send_request("GET", "/going")
    origin.wait_requests(1)
    if stage == "within the body":
        data = b""
        while not data.endswith(b"abc"):
            data += client.sock.recv(4096)
    getattr(client, manner)()
    eventually(lambda: gone, "the upstream connection ended")
    line = slot.wait_log("/going")
    assert line["status"] == (499 if stage == "before the head" else 200)
    assert (line["code"], line["reason"]) == ("client_gone", "client_gone")


def test_a_client_that_goes_while_it_sends(slot: Slot) -> None:
    gone = []

    def script(connection: OriginConnection) -> None:
        connection.read_head()
        connection.wait_gone(5)
        gone.append(True)

    origin, client = slot.serve(script), slot.client()
    client.send_request("POST", "/going", "Content-Length: 100000", body=b"x" * 70_000)
    origin.wait_requests(1)
    client.close()
    eventually(lambda: gone, "the upstream connection ended")
    assert slot.wait_log("/going")["status"] == 499


def read_head(client: RawClient) -> bytes:
    """Just the head of a response, and not an octet more."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.read_exactly(1)
    return head


def test_a_reader_that_stops_holds_the_answer_back(tmp_path: Path) -> None:
    sent = []

    def script(connection: OriginConnection) -> None:
        while True:
            size = int(connection.read_request().target[1:])
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size // MIB):
                connection.send(BLOCK)
                sent.append(MIB)

    with ScriptedOrigin(script) as origin, running_gateway(tmp_path, one_service(origin.url)) as gateway:
        with gateway.connect() as client:
            assert len(client.request("GET", f"/{4 * MIB}").body) == 4 * MIB  # buffers have their size now
        sent.clear()
        before = gateway.settled_bytes()
        with gateway.connect(receive_buffer=8192) as client:
            client.send_request("GET", f"/{LARGE}")
            read_head(client)
            assert gateway.settled_bytes() - before < 2 * MIB
            assert len(sent) < 16, "the kernel's buffers hold some MiB, the service the rest"
            digest = hashlib.sha256()
            for _ in range(LARGE // MIB):
                digest.update(client.read_exactly(MIB))
            assert gateway.settled_bytes() - before < 2 * MIB
    assert digest.digest() == hashlib.sha256(BLOCK * (LARGE // MIB)).digest()


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_service_that_does_not_read_holds_the_upload_back(tmp_path: Path, framing: str) -> None:
    is_let = threading.Event()
    digests = []

    def script(connection: OriginConnection) -> None:
        received = connection.read_head()
        is_let.wait(30)
        connection.read_body(received)
        digests.append(hashlib.sha256(received.body).digest())
        connection.answer()

    sent = 0
    with ScriptedOrigin(script) as origin:
        config = one_service(origin.url, route=", max_body: unlimited")
        with running_gateway(tmp_path, config) as gateway, gateway.connect() as client:
            before = gateway.settled_bytes()
            if framing == "length":
                client.send_request("PUT", "/", f"Content-Length: {LARGE}")
            else:
                client.send_request("PUT", "/", "Transfer-Encoding: chunked")
            pieces = itertools.repeat(BLOCK if framing == "length" else b"%x\r\n%b\r\n" % (MIB, BLOCK), LARGE // MIB)
            client.sock.settimeout(1.0)
            rest = b"".join(pieces)
            try:
                while sent < len(rest):
                    sent += client.sock.send(rest[sent : sent + MIB])
            except TimeoutError:
                pass
            assert sent < LARGE // 2, "the gateway took what it could not pass on"
            assert gateway.settled_bytes() - before < 2 * MIB
            is_let.set()
            client.sock.settimeout(30)
            client.send(rest[sent:] + (b"0\r\n\r\n" if framing == "chunks" else b""))
            assert client.read_response("PUT").status == 200
            assert gateway.settled_bytes() - before < 2 * MIB
    assert digests == [hashlib.sha256(BLOCK * (LARGE // MIB)).digest()]


def test_a_hundred_slow_readers_cost_little(tmp_path: Path) -> None:
    """A naive asyncio proxy grows by 449 MiB here, Envoy by 181, HAProxy by 7. Nor does the kernel keep megabytes for
    each: there it is the memory of all connections of the machine."""

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (8 * MIB))
        for _ in range(8):
            connection.send(BLOCK)

    with ScriptedOrigin(script) as origin, running_gateway(tmp_path, one_service(origin.url)) as gateway:
        with gateway.connect() as client:
            client.request("GET", "/")
        before = gateway.settled_bytes()
        with contextlib.ExitStack() as held:
            for _ in range(100):
                client = held.enter_context(gateway.connect(receive_buffer=4096))
                client.send_request("GET", "/")
            origin.wait_requests(101)
            grown = gateway.settled_bytes() - before
            unsent = gateway.unsent_bytes()
    assert grown < 10 * MIB, f"{grown / MIB:.1f} MiB"
    assert 0 < unsent < 100 * MIB // 4, f"{unsent / MIB:.1f} MiB in the kernel"
