"""Clients that mean ill: floods of connections, of requests, of header octets, and readers that do not read."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin, serve_ok
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient

KIB, MIB = 1 << 10, 1 << 20


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayProcess]:
    with ScriptedOrigin(serve_ok) as origin, running_gateway(tmp_path, one_service(origin.url)) as gateway:
        yield gateway


def connect_from(address: str, gateway: GatewayProcess) -> socket.socket:
    sock = socket.socket()
    sock.settimeout(15)
    sock.bind((address, 0))
    sock.connect(("127.0.0.1", gateway.port))
    return sock


def is_served(sock: socket.socket) -> bool:
    """Whether a request on ``sock`` is answered; else the gateway has closed it unread."""
    try:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        return sock.recv(4096).startswith(b"HTTP/1.1 200 ")
    except ConnectionError:
        return False


# -- floods of connections


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        ("limits: {connections_per_address: 5}", {"127.0.0.2": 5, "127.0.0.3": 5}),
        ("limits: {connections: 12, connections_per_address: 8}", {"127.0.0.2": 8, "127.0.0.3": 4}),
        ("limits: {connections_per_address: 5}\ntrusted_proxies: [127.0.0.2]", {"127.0.0.2": 10, "127.0.0.3": 5}),
        (
            "limits: {connections: 7, connections_per_address: 5}\ntrusted_proxies: [127.0.0.2]",
            {"127.0.0.2": 7, "127.0.0.3": 0},
        ),
    ],
)
def test_connections_are_capped_by_address_and_in_all(tmp_path: Path, settings: str, taken: dict[str, int]) -> None:
    with (
        ScriptedOrigin(serve_ok) as origin,
        running_gateway(tmp_path, f"{settings}\n{one_service(origin.url)}") as gateway,
        contextlib.ExitStack() as held,
    ):
        socks = {address: [held.enter_context(connect_from(address, gateway)) for _ in range(10)] for address in taken}
        assert {address: sum(map(is_served, each)) for address, each in socks.items()} == taken
        for each in socks.values():
            for sock in each:
                sock.close()
        eventually(lambda: serves_anew(gateway), "who left made room")


def serves_anew(gateway: GatewayProcess) -> bool:
    with connect_from("127.0.0.3", gateway) as sock:
        return is_served(sock)


def test_a_flood_from_one_address_leaves_the_others_alone(gateway: GatewayProcess) -> None:
    """1,024 are its share by default."""
    with contextlib.ExitStack() as held, connect_from("127.0.0.3", gateway) as other:
        flood = [held.enter_context(connect_from("127.0.0.2", gateway)) for _ in range(1100)]
        assert is_served(other)
        assert serves_anew(gateway)
        assert is_served(flood[0])
        assert is_served(flood[1023])
        assert not is_served(flood[1024])
        assert not is_served(flood[1099])


# -- floods of requests


def test_ten_thousand_requests_in_one_go_are_answered_in_order(tmp_path: Path) -> None:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.answer(200, connection.read_request().target.encode())

    count = 10_000
    flood = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(count))
    with (
        ScriptedOrigin(script) as origin,
        running_gateway(tmp_path, one_service(origin.url)) as gateway,
        gateway.connect() as client,
    ):
        client.request("GET", "/")
        before, highest = gateway.resident_bytes(), 0
        client.sock.setblocking(False)
        sent, came = 0, b""
        while came.count(b"\r\n\r\n/") < count:
            with contextlib.suppress(BlockingIOError):
                sent += client.sock.send(flood[sent:]) if sent < len(flood) else 0
            with contextlib.suppress(BlockingIOError):
                came += client.sock.recv(1 << 16)
            highest = max(highest, gateway.resident_bytes())
    bodies = [int(part.split(b"HTTP/1.1", 1)[0]) for part in came.split(b"\r\n\r\n/")[1:]]
    assert bodies == list(range(count))
    assert highest - before < 4 * MIB, f"{(highest - before) / MIB:.1f} MiB"


def test_a_flood_whose_answers_nobody_reads_stops_to_be_read(tmp_path: Path) -> None:
    """Not one request is taken up for which there is no room to answer."""

    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            connection.answer(200, bytes(4096))

    with (
        ScriptedOrigin(script) as origin,
        running_gateway(tmp_path, one_service(origin.url)) as gateway,
        gateway.connect(receive_buffer=4096) as client,
    ):
        before = gateway.resident_bytes()
        client.sock.settimeout(1)
        with contextlib.suppress(TimeoutError):
            for _ in range(200):
                client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 1000)
        with gateway.connect() as other:
            assert other.request("GET", "/").status == 200
        assert len(origin.requests) < 10_000
        assert gateway.resident_bytes() - before < 4 * MIB


# -- floods of header octets


def test_a_head_without_end_is_refused_at_its_limit(gateway: GatewayProcess) -> None:
    before = gateway.resident_bytes()
    with contextlib.ExitStack() as held:
        for _ in range(50):
            client = held.enter_context(gateway.connect())
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
            with contextlib.suppress(OSError):
                for number in range(1000):
                    client.send(b"X-%d: %b\r\n" % (number, b"x" * 1000))
            with contextlib.suppress(OSError):
                assert client.read_to_end().startswith(b"HTTP/1.1 431 ")
    assert gateway.resident_bytes() - before < 4 * MIB


def test_heads_that_never_end_hold_little(gateway: GatewayProcess) -> None:
    """Five hundred clients, each one line short of the limit."""
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%02d: %b\r\n" % (n, b"x" * 990) for n in range(16))
    with contextlib.ExitStack() as held:
        before = gateway.resident_bytes()
        clients = [held.enter_context(gateway.connect()) for _ in range(500)]
        for client in clients:
            client.send(head)
        with gateway.connect() as other:
            assert other.request("GET", "/").status == 200
        grown = gateway.resident_bytes() - before
        assert grown < 500 * 48 * KIB, f"{grown / 500 / KIB:.1f} KiB each"
        clients[0].send(b"\r\n")
        assert clients[0].read_response().status == 200


# -- slow senders


def test_a_body_that_trickles_holds_no_connection_to_its_service(tmp_path: Path) -> None:
    """Neither a length, chunks nor an expectation gets one before 64 KiB are there."""
    framings = (b"Content-Length: 1000000\r\n", b"Transfer-Encoding: chunked\r\n")
    expecting = b"Content-Length: 1000000\r\nExpect: 100-continue\r\n"
    with (
        ScriptedOrigin(serve_ok) as origin,
        running_gateway(tmp_path, one_service(origin.url)) as gateway,
        contextlib.ExitStack() as held,
    ):
        for framing in (*framings, expecting) * 10:
            client = held.enter_context(gateway.connect())
            client.send(b"POST /slow HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n")
            client.send(b"ffff\r\n" + b"x" * 10_000 if b"chunked" in framing else b"x" * 10_000)
        with gateway.connect() as other:
            assert other.request("GET", "/").status == 200
        assert origin.connections == 1


# -- slow readers


@pytest.mark.slow
def test_a_reader_that_is_slow_but_reads_is_left_to_it(tmp_path: Path) -> None:
    """2 KiB a second is eight times what is demanded; the kernel's buffers hide it from whoever looks at his own."""

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (8 * MIB))
        for _ in range(8):
            connection.send(bytes(MIB))
        connection.wait_gone(90)

    with (
        ScriptedOrigin(script) as origin,
        running_gateway(tmp_path, one_service(origin.url)) as gateway,
        gateway.connect(receive_buffer=4096) as client,
        gateway.connect(receive_buffer=4096) as silent,
    ):
        client.send_request("GET", "/slow")
        silent.send_request("GET", "/silent")
        until, came = time.monotonic() + 50, 0
        while time.monotonic() < until:
            came += len(client.read_exactly(1024))
            time.sleep(0.5)  # the pace of this reader
        assert came > 60 * KIB
        assert client.read_exactly(1024)
        with pytest.raises(ConnectionResetError):
            silent.read_exactly(8 * MIB)
        assert [line["path"] for line in gateway.log_lines()] == ["/silent"]


@pytest.mark.parametrize("size", [KIB * (64 << step) for step in range(7)])
def test_the_last_answer_of_a_connection_waits_for_a_slow_reader(tmp_path: Path, size: int) -> None:
    body = os.urandom(size)

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.answer(200, body)

    with (
        ScriptedOrigin(script) as origin,
        running_gateway(tmp_path, one_service(origin.url)) as gateway,
        gateway.connect(receive_buffer=4096) as client,
    ):
        client.send_request("GET", "/", "Connection: close")
        time.sleep(2)  # longer than the gateway lingers
        assert client.read_response().body == body
        client.wait_closed()


def test_a_client_that_resets_in_every_state_leaves_nothing_behind(gateway: GatewayProcess) -> None:
    openings = (
        b"",
        b"GET ",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nxyz",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 50,
        b"\x00\xff" * 100,
    )

    def descriptors() -> int:
        return len(list(Path(f"/proc/{gateway.process.pid}/fd").iterdir()))

    before = descriptors()
    for number in range(400):
        client = RawClient(gateway.port)
        client.send(openings[number % len(openings)])
        client.reset()
    with gateway.connect() as client:
        assert client.request("GET", "/").status == 200
    eventually(lambda: descriptors() <= before, "every socket is closed")
