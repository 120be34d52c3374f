"""WebSockets through a running gateway: handshakes judged, octets untouched, both sides held back, left politely."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode
from websockets.sync.server import ServerConnection

from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.origin import OriginConnection, Script, ScriptedOrigin, serve_ok
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient
from gateway_harness.websocket_peers import ASKING, KEY, accept, ask, connected, echo, frame, serving, shake

MIB = 1 << 20


def config_for(chat: int, plain: int = 1) -> str:
    """/chat may become a WebSocket, everything else not."""
    return (
        f"services: {{chat: {{targets: ['http://127.0.0.1:{chat}']}}, plain: {{targets: ['http://127.0.0.1:{plain}']}}}}\n"
        "routes:\n"
        "  - {name: chat, match: {path: /chat}, service: chat, upgrade: websocket}\n"
        "  - {name: plain, match: {path: /**}, service: plain}\n"
    )


@pytest.fixture
def raw(tmp_path: Path) -> Iterator["Raw"]:
    with contextlib.ExitStack() as stack:
        yield Raw(tmp_path, stack)


class Raw:
    """A gateway whose chat service plays a script."""

    def __init__(self, directory: Path, stack: contextlib.ExitStack) -> None:
        self._directory = directory
        self._stack = stack

    def start(self, *scripts: Script) -> tuple[GatewayProcess, ScriptedOrigin]:
        origin = self._stack.enter_context(ScriptedOrigin(*scripts))
        gateway = self._stack.enter_context(running_gateway(self._directory, config_for(origin.port, origin.port)))
        return gateway, origin


# -- handshakes


def without(name: str) -> tuple[str, ...]:
    return tuple(line for line in ASKING if not line.startswith(name))


@pytest.mark.parametrize(
    ("lines", "status", "code", "reason"),
    [
        (without("Sec-WebSocket-Key"), 400, "bad_request", "bad_websocket_handshake"),
        ((*without("Sec-WebSocket-Key"), "Sec-WebSocket-Key: short"), 400, "bad_request", "bad_websocket_handshake"),
        ((*ASKING, f"Sec-WebSocket-Key: {KEY}"), 400, "bad_request", "bad_websocket_handshake"),
        ((*without("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 8"), 426, "upgrade_required", "websocket_version"),
        (without("Sec-WebSocket-Version"), 426, "upgrade_required", "websocket_version"),
        ((*without("Upgrade"), "Upgrade: tls/1.0"), 403, "upgrade_refused", "upgrade_unknown"),
        ((*without("Upgrade"), "Upgrade: websocket, foo/2"), 403, "upgrade_refused", "upgrade_unknown"),
        ((*without("Upgrade"), "Upgrade: spdy"), 403, "upgrade_refused", "upgrade_unknown"),
    ],
)
def test_what_is_no_handshake_is_refused_and_reaches_nobody(
    raw: Raw, lines: tuple[str, ...], status: int, code: str, reason: str
) -> None:
    gateway, origin = raw.start(serve_ok)
    with gateway.connect() as client:
        ask(client, *lines)
        response = client.read_response()
        assert (response.status, response.code) == (status, code)
        if status == 426:
            assert response.value("sec-websocket-version") == "13"
    assert gateway.wait_log(lambda line: line["path"] == "/chat", "the refusal")["reason"] == reason
    assert origin.requests == []


@pytest.mark.parametrize(("method", "body"), [("POST", b""), ("POST", b"x"), ("GET", b"x"), ("PUT", b"")])
def test_a_handshake_is_a_get_without_body(raw: Raw, method: str, body: bytes) -> None:
    gateway, origin = raw.start(serve_ok)
    with gateway.connect() as client:
        ask(client, *ASKING, method=method, body=body)
        assert client.read_response(method).status == 400
    assert origin.requests == []


def test_a_route_that_does_not_allow_it(raw: Raw) -> None:
    gateway, origin = raw.start(serve_ok)
    with gateway.connect() as client:
        ask(client, target="/elsewhere")
        response = client.read_response()
        assert (response.status, response.code) == (403, "upgrade_refused")
        assert origin.requests == []
        assert client.request("GET", "/elsewhere").status == 200, "the connection goes on"
    with pytest.raises(InvalidStatus), connected(gateway.port, "/elsewhere"):
        pass


def test_upgrade_that_connection_does_not_name_is_none(raw: Raw) -> None:
    """RFC 9110 section 7.8: without the option in Connection the field means nothing, and goes nowhere."""
    gateway, origin = raw.start(serve_ok)
    with gateway.connect() as client:
        ask(client, *without("Connection"))
        assert client.read_response().status == 200
    assert origin.requests[0].values("upgrade") == origin.requests[0].values("connection") == []


def test_h2c_is_answered_in_http_1_1_and_never_offered_to_a_service(raw: Raw) -> None:
    gateway, origin = raw.start(serve_ok)
    with gateway.connect() as client:
        for target in ("/chat", "/elsewhere"):
            ask(
                client, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk", target=target
            )
            assert client.read_response().status == 200
    for request in origin.requests:
        for name in ("upgrade", "connection", "http2-settings"):
            assert request.values(name) == []


def test_a_handshake_reaches_the_service_as_one(raw: Raw) -> None:
    gateway, origin = raw.start(lambda connection: (accept(connection, "Sec-WebSocket-Protocol: b"), None)[1])
    with gateway.connect("chat.test") as client:
        ask(
            client,
            *ASKING,
            "Sec-WebSocket-Protocol: a, b",
            "Sec-WebSocket-Extensions: permessage-deflate",
            "Origin: null",
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.read_exactly(1)
    received = origin.requests[0]
    for line in (
        *ASKING,
        "Sec-WebSocket-Protocol: a, b",
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Origin: null",
    ):
        name, _, value = line.partition(": ")
        assert received.value(name) == value
    assert received.value("host") == "chat.test"
    fields = head.lower().split(b"\r\n")
    for field in (b"upgrade: websocket", b"connection: upgrade", b"sec-websocket-protocol: b"):
        assert fields.count(field) == 1
    assert not any(field.startswith((b"content-length", b"transfer-encoding")) for field in fields)


@pytest.mark.parametrize(
    "answer",
    [
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "Upgrade: websocket\r\nConnection: Upgrade",
        "Upgrade: h2c\r\nConnection: Upgrade",
        "X-Nothing: 1",
    ],
)
def test_a_101_that_is_no_answer_to_it_is_a_fault_of_the_service(raw: Raw, answer: str) -> None:
    gone = []

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(f"HTTP/1.1 101 Switching Protocols\r\n{answer}\r\n\r\nGET /smuggled HTTP/1.1\r\n".encode())
        connection.wait_gone()
        gone.append(True)

    gateway, _ = raw.start(script)
    with gateway.connect() as client:
        ask(client)
        response = client.read_response()
        assert (response.status, response.code) == (502, "upstream_protocol_error")
    eventually(lambda: gone, "the connection to the service is closed")
    line = gateway.wait_log(lambda line: line["path"] == "/chat", "the fault")
    assert (line["status"], line["reason"], line["origin"]) == (502, "bad_websocket_answer", "gateway")


def test_another_answer_than_101_is_just_an_answer(raw: Raw) -> None:
    gateway, origin = raw.start(serve_ok)
    with gateway.connect() as client:
        for _ in range(3):
            ask(client)
            assert client.read_response().body == b"ok"
        assert client.request("GET", "/elsewhere").status == 200
    assert origin.connections <= 2


def test_a_101_that_nobody_asked_for_is_a_fault_of_the_service(raw: Raw) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello")
        connection.wait_gone()

    gateway, _ = raw.start(script)
    with gateway.connect() as client:
        assert client.request("GET", "/chat").code == "upstream_protocol_error"


# -- octets


def test_messages_both_ways(tmp_path: Path) -> None:
    with serving(echo) as port, running_gateway(tmp_path, config_for(port)) as gateway:
        with connected(gateway.port) as socket:
            for message in ("text \u20ac", b"", b"bytes", "x" * 126, os.urandom(65536)):
                socket.send(message)
                assert socket.recv(15) == message
            assert socket.ping().wait(15)
        line = gateway.wait_log(lambda line: line["path"] == "/chat", "the tunnel")
        assert (line["status"], line["route"], line["origin"], line["reason"]) == (101, "chat", "upstream", None)
        assert line["bytes_in"] > 65536
        assert line["bytes_out"] > 65536


def test_messages_of_a_mebibyte_both_ways(tmp_path: Path) -> None:
    message = os.urandom(MIB)
    with serving(echo) as port, running_gateway(tmp_path, config_for(port)) as gateway:
        with connected(gateway.port) as socket:
            for _ in range(8):
                socket.send(message)
                assert socket.recv(30) == message
            socket.send(message[i : i + 1000] for i in range(0, MIB, 1000))  # in a thousand frames
            assert socket.recv(30) == message
        assert gateway.resident_bytes() < 80 * MIB


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_hundred_thousand_messages_come_back_in_order(tmp_path: Path) -> None:
    count = 100_000

    async def main(port: int) -> None:
        url = f"ws://127.0.0.1:{port}/chat"
        async with connect(url, compression=None, ping_interval=None, proxy=None, max_queue=None) as socket:

            async def send() -> None:
                for number in range(count):
                    await socket.send(b"%d" % number)

            async with asyncio.TaskGroup() as group:
                group.create_task(send())
                for number in range(count):
                    assert await socket.recv() == b"%d" % number

    with serving(echo) as port, running_gateway(tmp_path, config_for(port)) as gateway:
        asyncio.run(main(gateway.port))
        line = gateway.wait_log(lambda line: line["path"] == "/chat", "the tunnel")
        digits = sum(len(str(number)) for number in range(count))
        assert line["bytes_in"] >= digits + 6 * count
        assert line["bytes_out"] >= digits + 2 * count
        assert gateway.resident_bytes() < 80 * MIB


def test_frames_pass_untouched_however_they_are_cut(raw: Raw) -> None:
    """Fragments with control frames in between, reserved bits, unknown opcodes: the gateway reads only lengths."""
    up = b"".join(
        (
            frame(Opcode.TEXT, b"first ", is_masked=True, is_last=False),
            frame(Opcode.PING, b"in between", is_masked=True),
            frame(Opcode.CONT, b"second ", is_masked=True, is_last=False),
            frame(Opcode.PONG, b"", is_masked=True),
            frame(Opcode.CONT, b"last", is_masked=True),
            b"\xf3\x85" + os.urandom(9),  # reserved bits and a reserved opcode
            frame(Opcode.BINARY, os.urandom(70_000), is_masked=True),
        )
    )
    down = up.replace(b"first", b"there")

    def script(connection: OriginConnection) -> None:
        accept(connection)
        came.append(connection.read_exactly(len(up)))
        connection.trickle(down[:300], 0.0005)
        connection.send(down[300:])
        connection.wait_gone()

    came: list[bytes] = []
    gateway, _ = raw.start(script)
    with gateway.connect() as client:
        shake(client)
        for octet in up[:300]:
            client.send(bytes((octet,)))
        client.send(up[300:])
        assert client.read_exactly(len(down)) == down
    assert came == [up]
    line = gateway.wait_log(lambda line: line["path"] == "/chat", "the tunnel")
    assert (line["bytes_in"], line["bytes_out"]) == (len(up), len(down))


def test_octets_behind_the_handshake_are_the_tunnels(raw: Raw) -> None:
    """A client may speak before the answer is there, a service in the segment that brings it."""
    early = frame(Opcode.TEXT, b"early", is_masked=True)

    def script(connection: OriginConnection) -> None:
        accept(connection)
        assert connection.read_exactly(len(early)) == early
        connection.send(b"done")
        connection.wait_gone()

    gateway, origin = raw.start(script)
    with gateway.connect() as client:
        head = "".join(f"{line}\r\n" for line in ("GET /chat HTTP/1.1", "Host: a", *ASKING)) + "\r\n"
        client.send(head.encode() + early)
        came = b""
        while not came.endswith(b"\r\n\r\ndone"):
            came += client.read_exactly(1)
        assert came.startswith(b"HTTP/1.1 101 ")
    assert len(origin.requests) == 1


def test_early_octets_are_requests_where_there_is_no_tunnel(raw: Raw) -> None:
    gateway, origin = raw.start(serve_ok)
    with gateway.connect() as client:
        head = "".join(f"{line}\r\n" for line in ("GET /chat HTTP/1.1", "Host: a", *ASKING)) + "\r\n"
        client.send(head.encode() + b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.read_response().status == 200
        assert client.read_response().status == 200
    assert [request.target for request in origin.requests] == ["/chat", "/next"]


# -- backpressure


def test_a_client_that_does_not_read_holds_its_service_back(raw: Raw) -> None:
    sent = [0]
    block = frame(Opcode.BINARY, bytes(MIB), is_masked=False)

    def script(connection: OriginConnection) -> None:
        accept(connection)
        for _ in range(64):
            connection.send(block)
            sent[0] += 1
        connection.half_close()

    gateway, _ = raw.start(script)
    with gateway.connect(receive_buffer=8192) as client:
        before = gateway.resident_bytes()
        shake(client)
        client.read_exactly(1)
        wait_standstill(sent)
        assert sent[0] < 24, "the kernel's buffers hold some MiB, the service the rest"
        assert gateway.resident_bytes() - before < 2 * MIB
        for _ in range(64):
            client.read_exactly(len(block) - 1)
            sent_now = sent[0]
            if sent_now < 64:
                client.read_exactly(1)
            else:
                break
    assert sent[0] > 24


def test_a_service_that_does_not_read_holds_its_client_back(raw: Raw) -> None:
    let = threading.Event()
    total = 48 * MIB
    came = []

    def script(connection: OriginConnection) -> None:
        accept(connection)
        let.wait(30)
        came.append(len(connection.read_exactly(total)))
        connection.send(b"!")
        connection.wait_gone()

    gateway, _ = raw.start(script)
    with gateway.connect() as client:
        before = gateway.resident_bytes()
        shake(client)
        sent = [0]

        def send() -> None:
            block = b"\x82\xff" + (MIB // 4 - 14).to_bytes(8, "big") + bytes(MIB // 4 - 10)  # one frame
            while sent[0] < total:
                client.send(block)
                sent[0] += len(block)

        thread = threading.Thread(target=send)
        thread.start()
        wait_standstill(sent)
        assert sent[0] < total // 2
        assert gateway.resident_bytes() - before < 2 * MIB
        let.set()
        thread.join(30)
        assert client.read_exactly(1) == b"!"
    assert came == [total]


def wait_standstill(count: list[int]) -> None:
    """Until ``count[0]`` has stopped to grow."""
    looks = [-1]

    def stands() -> bool:
        looks.append(count[0])
        return len(looks) > 100 and len(set(looks[-80:])) == 1

    eventually(stands, "a standstill")


# -- the end


@pytest.mark.parametrize("code", [1000, 1011, 4001])
def test_whichever_side_closes_its_code_arrives(tmp_path: Path, code: int) -> None:
    seen = []

    def handler(connection: ServerConnection) -> None:
        if connection.recv(15) == "you":
            connection.close(code, "because")
            return
        with contextlib.suppress(ConnectionClosed):
            connection.recv(15)
        seen.append((connection.close_code, connection.close_reason))

    with serving(handler) as port, running_gateway(tmp_path, config_for(port)) as gateway:
        with connected(gateway.port) as socket:
            socket.send("you")
            with pytest.raises(ConnectionClosed) as caught:
                socket.recv(15)
            assert caught.value.rcvd is not None
            assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (code, "because")
        with connected(gateway.port) as socket:
            socket.send("me")
            socket.close(code, "because")
        eventually(lambda: seen, "the close at the service")
        assert seen == [(code, "because")]
        eventually(lambda: gateway.sockets_to(port) == 0, "no connection to the service is left")


@pytest.mark.parametrize("who", ["client", "service"])
@pytest.mark.parametrize("manner", ["close", "reset", "half_close"])
def test_whichever_side_goes_without_a_word_takes_the_other_along(raw: Raw, who: str, manner: str) -> None:
    gone = []

    def script(connection: OriginConnection) -> None:
        accept(connection)
        connection.read_exactly(1)
        if who == "service":
            connection.send(b"last words")
            getattr(connection, manner)()
        if who != "service" or manner == "half_close":
            connection.wait_gone()
        gone.append(True)

    gateway, origin = raw.start(script)
    with gateway.connect() as client:
        shake(client)
        client.send(b"!")
        if who == "client":
            getattr(client, manner)()
        else:
            with contextlib.suppress(ConnectionError):
                assert client.read_to_end() in (b"last words", b"")
        eventually(lambda: gone, "the other side is gone too")
    eventually(lambda: gateway.sockets_to(origin.port) == 0, "no connection to the service is left")
    assert gateway.wait_log(lambda line: line["path"] == "/chat", "the tunnel")["status"] == 101


def test_a_drain_says_goodbye_to_both_sides(tmp_path: Path) -> None:
    seen = []

    def handler(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for message in connection:
                connection.send(message)
        seen.append(connection.protocol.close_rcvd)

    with serving(handler) as port, running_gateway(tmp_path, config_for(port)) as gateway:
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(connected(gateway.port)) for _ in range(20)]
            for socket in sockets:
                socket.send("here")
                assert socket.recv(15) == "here"
            gateway.process.send_signal(signal.SIGTERM)
            for socket in sockets:
                with pytest.raises(ConnectionClosed) as caught:
                    socket.recv(15)
                assert caught.value.rcvd is not None
                assert caught.value.rcvd.code == 1001
        assert gateway.wait_end() == 0
        eventually(lambda: len(seen) == 20, "every handler has ended")
    assert {frame.code for frame in seen if frame is not None} == {1001}
    assert None not in seen


def test_a_drain_waits_for_the_end_of_a_frame(raw: Raw) -> None:
    half, rest = (whole := frame(Opcode.BINARY, os.urandom(1000), is_masked=False))[:500], whole[500:]
    is_draining = threading.Event()

    def script(connection: OriginConnection) -> None:
        accept(connection)
        connection.send(half)
        is_draining.wait(15)
        goodbye = connection.read_exactly(8)
        assert goodbye[:2] == b"\x88\x82"
        connection.send(rest)
        connection.wait_gone()

    gateway, _ = raw.start(script)
    with gateway.connect() as client:
        shake(client)
        assert client.read_exactly(500) == half
        gateway.process.send_signal(signal.SIGTERM)
        eventually(lambda: is_refused(gateway), "it drains")
        is_draining.set()
        assert client.read_exactly(len(rest)) == rest
        assert client.read_exactly(4) == b"\x88\x02\x03\xe9"
    assert gateway.wait_end() == 0


def is_refused(gateway: GatewayProcess) -> bool:
    try:
        RawClient(gateway.port).close()
    except OSError:
        return True
    return False
