"""A gateway of several processes under load: reloads, deaths and the end, and what clients see of them: nothing."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from gateway_harness.certificates import Authority, start_tls
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient, TruncatedError
from gateway_harness.websocket_peers import connected, echo, serving

CLIENTS = 8


class Load:
    """Clients that each keep a connection and send one request after the other, until ``stop``.

    A client whose connection breaks notes when, and connects anew.
    """

    def __init__(self, gateway: GatewayProcess, dress: Callable[[RawClient], object] | None = None) -> None:
        self._gateway = gateway
        self._dress = dress
        self._is_over = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.broken: list[float] = []
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def wait_answers(self, count: int) -> None:
        """Until so many more requests were answered well."""
        before = self.statuses[200]
        eventually(lambda: self.statuses[200] >= before + count, f"{count} answers, {self.statuses}", 60)

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, number: int) -> None:
        while not self._is_over.is_set():
            try:
                with self._gateway.connect() as client:
                    if self._dress is not None:
                        self._dress(client)
                    while not self._is_over.is_set():
                        self.statuses[client.request("GET", f"/load/{number}").status] += 1
                        time.sleep(0.002)
            except (OSError, TruncatedError):
                self.broken.append(time.monotonic())


@contextmanager
def load(gateway: GatewayProcess, dress: Callable[[RawClient], object] | None = None) -> Iterator[Load]:
    running = Load(gateway, dress)
    try:
        running.wait_answers(50)
        yield running
    finally:
        running.stop()


def replaced(gateway: GatewayProcess, pid: int) -> bool:
    return pid not in gateway.workers() and any("takes its place" in line for line in gateway.stderr)


def test_two_workers_serve_and_say_so(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin, running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway:
        with load(gateway) as running:
            for _ in range(30):  # the kernel spreads connections by chance
                with gateway.connect() as client:
                    assert client.request("GET", "/").status == 200
        assert len(gateway.workers()) == 2
        assert running.broken == []
        assert set(running.statuses) == {200}
        gateway.wait_said("moongate: 2 workers")
        assert gateway.stop() == 0
        ids = {line["request_id"][:16] for line in gateway.log_lines()}
        assert len(ids) == 2, "both had connections"


def test_reloads_good_and_bad_cost_no_request_and_generations_only_grow(tmp_path: Path) -> None:
    with ScriptedOrigin() as one, ScriptedOrigin() as two:
        with running_gateway(tmp_path, one_service(one.url), workers=2) as gateway, load(gateway) as running:
            for number in range(2, 22):
                target = (one, two)[number % 2]
                gateway.write_config(one_service(target.url, route=f", max_body: {number}MiB"))
                eventually(lambda n=number: gateway.said(f"generation {n} is served"), f"generation {number}")  # type: ignore[misc]
                running.wait_answers(20)
                if number % 2:
                    refusals = sum("reload refused" in line for line in gateway.stderr)
                    gateway.write_config("services: {}\nroutes: [{name: x}]\n")
                    eventually(
                        lambda n=refusals: sum("reload refused" in line for line in gateway.stderr) > n,  # type: ignore[misc]
                        "a refusal",
                    )
            workers = gateway.workers()
        assert running.broken == []
        assert set(running.statuses) == {200}
        gateway.wait_said(f"{tmp_path}/gateway.yaml:6:11: `services` is empty")
        assert len(workers) == 2
        assert not gateway.said("takes its place")
        seen: dict[str, int] = {}
        # A connection may move to the other worker, whose lines may be written earlier.
        for line in sorted(gateway.log_lines(), key=lambda line: line["ts"]):
            client = line["path"]
            assert line["generation"] >= seen.get(client, 0), (
                "what a client asks next is not decided by what was before"
            )
            seen[client] = line["generation"]
        assert set(seen.values()) == {21}


def test_certificates_change_under_load_and_no_handshake_fails(tmp_path: Path) -> None:
    ca = Authority(tmp_path)
    pairs = [ca.issue("any.test", file=name) for name in ("a", "b")]
    context = ca.trusting()

    def dress(client: RawClient) -> None:
        start_tls(client, context, "any.test")

    with (
        ScriptedOrigin() as origin,
        running_gateway(tmp_path, one_service(origin.url), f"{{{pairs[0].yaml}}}", workers=2) as gateway,
        load(gateway, dress) as running,
    ):
        for number in range(2, 8):
            gateway.write_config(one_service(origin.url), f"{{{pairs[number % 2 - 1].yaml}}}")
            eventually(lambda n=number: gateway.said(f"generation {n} is served"), f"generation {number}")  # type: ignore[misc]
            for _ in range(10):
                with gateway.connect() as client:
                    dress(client)
                    assert client.request("GET", "/").status == 200
        gateway.write_config(one_service(origin.url), f"{{certificate: {tmp_path}/no.pem, key: {tmp_path}/no.key}}")
        eventually(lambda: gateway.said("reload refused, generation 7 goes on"), "a refusal")
        eventually(lambda: gateway.said(f"{tmp_path}/no.pem: no such file"), "the reason, on lines of its own")
        running.wait_answers(20)
        assert running.broken == []


def test_a_killed_worker_costs_what_it_had_in_hand_and_is_replaced_within_a_second(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin, running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway:
        with load(gateway) as running:
            victim = gateway.workers()[0]
            at = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            eventually(lambda: replaced(gateway, victim), "it is replaced")
            took = time.monotonic() - at
            running.wait_answers(200)
        assert set(running.statuses) == {200}
        assert len(running.broken) <= CLIENTS, "one request a connection"
        assert all(moment < at + 1 for moment in running.broken), "only those that it had"
        assert len(gateway.workers()) == 2
        # A second where the machine has one to spare: what starts is a Python interpreter.
        assert took < 5, took


def test_a_worker_that_stands_still_is_replaced(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin, running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway:
        victim = gateway.workers()[0]
        os.kill(victim, signal.SIGSTOP)
        eventually(lambda: replaced(gateway, victim), "it is replaced", 30)
        gateway.wait_said(f"(pid {victim}) did not answer for 5 s and was killed")
        with load(gateway) as running:
            running.wait_answers(100)
        assert running.broken == []


def test_the_end_under_load_answers_what_runs_and_is_in_order(tmp_path: Path) -> None:
    let = threading.Event()

    def script(connection: OriginConnection) -> None:
        while True:
            if connection.read_request().target == "/slow":
                let.wait(20)
            connection.answer(200, b"whole")

    with ScriptedOrigin(script) as origin, running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway:
        slow = [gateway.connect() for _ in range(6)]
        for client in slow:
            client.send_request("GET", "/slow")
        origin.wait_requests(len(slow))
        with load(gateway) as running:
            gateway.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            let.set()
            for client in slow:
                response = client.read_response()
                assert (response.body, response.value("connection")) == (b"whole", "close")
                client.wait_closed()
                client.close()
            assert gateway.wait_end() == 0
        assert set(running.statuses) == {200}


def test_the_end_says_goodbye_to_the_websockets_of_every_worker(tmp_path: Path) -> None:
    with (
        serving(echo) as port,
        running_gateway(
            tmp_path, one_service(f"http://127.0.0.1:{port}", route=", upgrade: websocket"), workers=2
        ) as gateway,
        ExitStack() as stack,
    ):
        sockets = [stack.enter_context(connected(gateway.port)) for _ in range(20)]
        for socket in sockets:
            socket.send("here")
            assert socket.recv(15) == "here"
        gateway.write_config(one_service(f"http://127.0.0.1:{port}", route=", upgrade: websocket, max_body: 1MiB"))
        eventually(lambda: gateway.said("generation 2 is served"), "generation 2")
        for socket in sockets:
            socket.send("still")
            assert socket.recv(15) == "still"
        gateway.process.send_signal(signal.SIGTERM)
        for socket in sockets:
            with pytest.raises(ConnectionClosed) as caught:
                socket.recv(15)
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1001
        assert gateway.wait_end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_is_one_wish(tmp_path: Path, number: int) -> None:
    """Ctrl-C, and systemd: control and workers are told at once, and what runs is still answered."""
    let = threading.Event()

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        let.wait(20)
        connection.answer(200, b"whole")

    with ScriptedOrigin(script) as origin, running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway:
        with gateway.connect() as client:
            client.send_request("GET", "/slow")
            origin.wait_requests(1)
            for pid in (gateway.process.pid, *gateway.workers()):
                os.kill(pid, number)
            time.sleep(0.3)
            let.set()
            assert client.read_response().body == b"whole"
        assert gateway.wait_end() == 0
        assert not gateway.said("takes its place")


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    let = threading.Event()

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        let.wait(20)

    with ScriptedOrigin(script) as origin, running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway:
        with gateway.connect() as client:
            client.send_request("GET", "/slow")
            origin.wait_requests(1)
            gateway.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert gateway.process.poll() is None
            gateway.process.send_signal(signal.SIGTERM)
            assert gateway.wait_end(5) == 0
        let.set()


def test_workers_end_when_control_is_killed(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin:
        gateway = GatewayProcess(tmp_path, one_service(origin.url), workers=2)
        try:
            gateway.wait_ready()
            workers = gateway.workers()
            with gateway.connect() as client:
                assert client.request("GET", "/").status == 200
        finally:
            gateway.process.kill()
            gateway.process.wait()
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "nobody is left")


def test_a_changed_listener_is_bound_and_the_old_one_let_go(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin, running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway:
        path = tmp_path / "gateway.yaml"
        old = gateway.port
        with gateway.connect() as kept:
            assert kept.request("GET", "/").status == 200
            path.write_text(path.read_text().replace("127.0.0.1:0", "[::1]:0"))
            eventually(lambda: gateway.said("generation 2 is served"), "generation 2")
            with pytest.raises(ConnectionRefusedError):
                RawClient(old)
            assert kept.request("GET", "/").status == 200, "who was let in before stays"
