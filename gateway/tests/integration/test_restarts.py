"""Services that are killed and come back while requests run: nobody notices who need not."""

import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

import gateway_harness.counting_origin
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import bound_socket

ROUNDS = 8
SECONDS_BETWEEN = 2.0
SECONDS_DOWN = 0.4
CLIENTS = 12


class Target:
    """A counting origin on a port of its own, killed and started again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with bound_socket() as sock:
            self.port: int = sock.getsockname()[1]
        self.start()

    def start(self) -> None:
        program = gateway_harness.counting_origin.__file__
        command = (sys.executable, program, str(self.port), str(self._path))
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            assert lines.readline() == "ready\n"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Client(threading.Thread):
    """Sends requests one after the other, each with a name of its own, until told to stop."""

    def __init__(self, gateway: GatewayProcess, number: int, is_over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._gateway = gateway
        self._number = number
        self._is_over = is_over
        self.answers: list[tuple[str, str, int]] = []

    def run(self) -> None:
        with self._gateway.connect() as client:
            count = 0
            while not self._is_over.is_set():
                method = ("GET", "POST", "PUT")[count % 3]
                name = f"/{method}-{self._number}-{count}"
                status = client.request(method, name, body=b"" if method == "GET" else b"body").status
                self.answers.append((method, name, status))
                count += 1
                time.sleep(0.005)  # a pace, not a wait: some 2,000 requests a second would be the machine's limit


@pytest.mark.slow
def test_a_target_killed_every_two_seconds_goes_unnoticed(tmp_path: Path) -> None:
    notes = tmp_path / "executed"
    targets = [Target(notes), Target(notes)]
    urls = (f"http://127.0.0.1:{target.port}" for target in targets)
    config = one_service(
        *urls, route=", priority: high"
    )  # a machine that is busy with others sheds no load of this test
    try:
        with running_gateway(tmp_path, config) as gateway:
            stop = threading.Event()
            clients = [Client(gateway, number, stop) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            for number in range(ROUNDS):
                time.sleep(SECONDS_BETWEEN - SECONDS_DOWN)
                targets[number % 2].kill()
                time.sleep(SECONDS_DOWN)
                targets[number % 2].start()
            stop.set()
            for client in clients:
                client.join(30)
    finally:
        for target in targets:
            target.kill()
    answers = [answer for client in clients for answer in client.answers]
    failed = [answer for answer in answers if answer[2] != 200]
    times = Counter(notes.read_text().split())
    assert len(answers) > 2000
    assert [answer for answer in failed if answer[0] != "POST"] == []
    assert {status for _, _, status in failed} <= {502}
    assert len(failed) <= ROUNDS * CLIENTS
    posts = {name: count for name, count in times.items() if name.startswith("/POST") and count > 1}
    assert posts == {}, "done twice"
    assert sum(count - 1 for count in times.values()) <= ROUNDS, "only what was killed between doing and answering"
    assert all(times[name] for _, name, status in answers if status == 200)
