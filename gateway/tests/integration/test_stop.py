"""How a gateway ends: what runs finishes, nothing else begins."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient


class Held:
    """A gateway whose service answers when it is let."""

    def __init__(self, gateway: GatewayProcess, origin: ScriptedOrigin, let: threading.Event) -> None:
        self.gateway = gateway
        self.origin = origin
        self.let = let

    def is_refusing(self) -> bool:
        """Whether new connections are refused by now."""
        try:
            RawClient(self.gateway.port).close()
        except OSError:
            return True
        return False


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    let = threading.Event()

    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            let.wait(20)
            connection.answer(200, b"finished")

    with ScriptedOrigin(script) as origin, running_gateway(tmp_path, one_service(origin.url)) as gateway:
        yield Held(gateway, origin, let)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_runs_finishes_and_says_goodbye(held: Held, number: int) -> None:
    with held.gateway.connect() as running, held.gateway.connect() as idle, held.gateway.connect() as fresh:
        running.send_request("POST", "/running", body=b"x")
        held.origin.wait_requests(1)
        held.gateway.process.send_signal(number)
        idle.wait_closed()
        fresh.wait_closed()
        eventually(held.is_refusing, "new connections are refused")
        assert held.gateway.process.poll() is None
        held.let.set()
        response = running.read_response("POST")
        assert (response.body, response.value("connection")) == (b"finished", "close")
        running.wait_closed()
    assert held.gateway.wait_end() == 0
    assert held.gateway.wait_log(lambda line: line["path"] == "/running", "the last exchange")["status"] == 200


def test_a_request_that_has_begun_is_still_taken(held: Held) -> None:
    held.let.set()
    with held.gateway.connect() as client:
        client.send(b"GET /begun HTTP/1.1\r\n")
        with held.gateway.connect() as other:  # answered behind the other's first octets: they are read by then
            other.request("GET", "/")
        held.gateway.process.send_signal(signal.SIGTERM)
        eventually(held.is_refusing, "new connections are refused")
        client.send(b"Host: a\r\n\r\n")
        response = client.read_response()
        assert (response.status, response.value("connection")) == (200, "close")
    assert held.gateway.wait_end() == 0


def test_pipelined_requests_behind_the_running_one_are_not_begun(held: Held) -> None:
    with held.gateway.connect() as client:
        client.send(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        held.origin.wait_requests(1)
        held.gateway.process.send_signal(signal.SIGTERM)
        eventually(held.is_refusing, "new connections are refused")
        held.let.set()
        assert client.read_response().value("connection") == "close"
        with contextlib.suppress(ConnectionResetError):
            assert client.read_to_end() == b""
    assert held.gateway.wait_end() == 0
    assert len(held.origin.requests) == 1


def test_a_second_signal_ends_at_once(held: Held) -> None:
    with held.gateway.connect() as client:
        client.send_request("GET", "/running")
        held.origin.wait_requests(1)
        held.gateway.process.send_signal(signal.SIGTERM)
        eventually(held.is_refusing, "new connections are refused")
        assert held.gateway.process.poll() is None
        held.gateway.process.send_signal(signal.SIGTERM)
        assert held.gateway.wait_end(3) == 0
        held.let.set()
        client.wait_closed()


def test_an_answer_under_way_is_sent_to_its_end(tmp_path: Path) -> None:
    let = threading.Event()

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        let.wait(20)
        connection.send(b"3\r\ndef\r\n0\r\n\r\n")

    with ScriptedOrigin(script) as origin, running_gateway(tmp_path, one_service(origin.url)) as gateway:
        with gateway.connect() as client:
            client.send_request("GET", "/")
            origin.wait_requests(1)
            gateway.process.send_signal(signal.SIGTERM)
            eventually(lambda: gateway.sockets_to(gateway.port) == 1, "only the running connection is left")
            let.set()
            assert client.read_response().body == b"abcdef"
            client.wait_closed()
        assert gateway.wait_end() == 0
