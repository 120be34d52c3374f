"""More work than can be done: some is refused at once, by priority, and all is well again when it is over."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient, Response


class Loaded:
    """A gateway that takes ten requests at a time, and a service that answers /hang when it is let."""

    def __init__(self, gateway: GatewayProcess, origin: ScriptedOrigin, let: threading.Event) -> None:
        self.gateway = gateway
        self.origin = origin
        self.let = let
        self._stack = contextlib.ExitStack()
        self.hanging: list[RawClient] = []

    def hang(self, count: int, priority: str = "normal") -> None:
        """``count`` requests more are being answered."""
        before = len(self.origin.requests)
        for _ in range(count):
            client = self._stack.enter_context(self.gateway.connect())
            client.send_request("GET", f"/{priority}/hang")
            self.hanging.append(client)
        self.origin.wait_requests(before + count)

    def ask(self, priority: str) -> Response:
        with self.gateway.connect() as client:
            return client.request("GET", f"/{priority}")

    def served(self) -> list[str]:
        """The priorities that are served at present."""
        return [priority for priority in ("low", "normal", "high") if self.ask(priority).status == 200]

    def close(self) -> None:
        self.let.set()
        self._stack.close()


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Loaded]:
    let = threading.Event()

    def script(connection: OriginConnection) -> None:
        while True:
            if connection.read_request().target.endswith("/hang"):
                let.wait(30)
            connection.answer()

    with ScriptedOrigin(script) as origin:
        routes = "".join(
            f"  - {{name: {name}, match: {{path: /{name}/**}}, service: origin, priority: {name}}}\n"
            for name in ("low", "normal", "high")
        )
        config = f"limits: {{in_flight: 10}}\nservices: {{origin: {{targets: ['{origin.url}']}}}}\nroutes:\n{routes}"
        with running_gateway(tmp_path, config) as gateway:
            loaded = Loaded(gateway, origin, let)
            yield loaded
            loaded.close()


def test_what_is_refused_goes_by_priority_and_the_number_of_requests_in_flight(loaded: Loaded) -> None:
    seen = {}
    for count in range(1, 15):
        loaded.hang(1, "high") if count <= 13 else None
        seen[min(count, 13)] = loaded.served()
    for count, served in seen.items():
        # Whoever is asked counts himself only once he is taken: at eight of ten the low are refused.
        expected = ["low", "normal", "high"] if count < 8 else ["normal", "high"] if count < 10 else ["high"]
        assert served == (expected if count < 13 else []), f"{count} in flight"


def test_a_refusal_says_when_to_come_back_and_keeps_the_connection(loaded: Loaded) -> None:
    loaded.hang(10)
    reached = len(loaded.origin.requests)
    with loaded.gateway.connect() as client:
        for _ in range(3):
            response = client.request("POST", "/normal/shed", body=b"x")
            assert (response.status, response.code, response.value("retry-after")) == (503, "overloaded", "1")
            assert response.value("connection") is None
    assert len(loaded.origin.requests) == reached
    line = loaded.gateway.wait_log(lambda line: line["path"] == "/normal/shed", "the refusal")
    assert (line["status"], line["code"], line["reason"], line["route"]) == (503, "overloaded", "shed", "normal")


def test_a_refusal_is_quick_and_hundreds_of_them_change_nothing(loaded: Loaded) -> None:
    loaded.hang(12, "high")
    reached = len(loaded.origin.requests)
    with loaded.gateway.connect() as client:
        for _ in range(20):
            client.send(b"GET /normal HTTP/1.1\r\nHost: a\r\n\r\n" * 25)
            for _ in range(25):
                assert client.read_response().status == 503
    assert len(loaded.origin.requests) == reached
    assert loaded.ask("high").status == 200


def test_all_are_served_again_once_it_is_over(loaded: Loaded) -> None:
    loaded.hang(9)
    loaded.hang(4, "high")
    assert loaded.served() == []
    loaded.let.set()
    for client in loaded.hanging:
        assert client.read_response().body == b"ok"
    assert loaded.served() == ["low", "normal", "high"]


def test_clients_that_give_up_make_room(loaded: Loaded) -> None:
    loaded.hang(13, "high")
    assert loaded.served() == []
    for client in loaded.hanging:
        client.close()
    eventually(lambda: loaded.served() == ["low", "normal", "high"], "those who left do not count")


def test_a_pause_of_the_machine_refuses_nobody(loaded: Loaded) -> None:
    """The process is stopped for a moment, as a machine does that is shared; that alone is no overload."""
    process = loaded.gateway.process
    with loaded.gateway.connect() as client:
        for _ in range(3):
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.6)
            process.send_signal(signal.SIGCONT)
            assert client.request("GET", "/normal").status == 200
            assert client.request("GET", "/low").status == 200
