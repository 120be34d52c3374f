"""The worker in a process of its own: how it starts, what it says when it can not, how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import ScriptedOrigin, bound_socket


def run_to_its_end(tmp_path: Path, config: str) -> tuple[int, str]:
    path = tmp_path / "gateway.yaml"
    path.write_text("version: 1\nadmin: off\n" + config)
    done = subprocess.run(
        (sys.executable, "-m", "moongate", "run", str(path)), capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, done.stderr


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with bound_socket() as taken:
        taken.listen()
        port = taken.getsockname()[1]
        status, text = run_to_its_end(
            tmp_path, f"listeners: [{{bind: '127.0.0.1:0'}}, {{bind: '127.0.0.1:{port}'}}]\n" + one_service("http://a")
        )
    assert status == 1
    assert len(text.splitlines()) == 1
    assert f"cannot listen on 127.0.0.1:{port}: the port is taken" in text


def test_a_log_that_can_not_be_opened_is_told_before_anything_listens(tmp_path: Path) -> None:
    status, text = run_to_its_end(
        tmp_path,
        f"listeners: [{{bind: '127.0.0.1:0'}}]\naccess_log: {tmp_path}/no/such/log\n" + one_service("http://a"),
    )
    assert status == 1
    assert "Traceback" not in text
    assert "listening" not in text
    assert text == f"moongate: cannot open the access log {tmp_path}/no/such/log: No such file or directory\n"


def test_it_listens_on_every_listener(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(
        "version: 1\nadmin: off\ndrain: {notice: 0s}\naccess_log: false\n"
        "listeners: [{bind: '127.0.0.1:0'}, {bind: '[::1]:0'}]\n" + one_service("http://a")
    )
    process = subprocess.Popen((sys.executable, "-m", "moongate", "run", str(path)), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr as lines:
        urls = lines.readline().partition("listening on ")[2].partition(" (")[0].split(", ")
        ports = [int(url.rpartition(":")[2]) for url in urls]
        for host, port in zip(("127.0.0.1", "::1"), ports, strict=True):
            with socket.create_connection((host, port), timeout=5) as client:
                client.sendall(b"NONSENSE\r\n\r\n")
                assert client.recv(9) == b"HTTP/1.1 "
        process.terminate()
        assert process.wait(15) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_where_nothing_runs(tmp_path: Path, number: int) -> None:
    with ScriptedOrigin() as origin, running_gateway(tmp_path, one_service(origin.url)) as gateway:
        with gateway.connect() as client:
            assert client.request("GET", "/").status == 200
            before = time.monotonic()
            assert gateway.stop(number) == 0
            assert time.monotonic() - before < 5
            client.wait_closed()
        assert gateway.log_lines()[-1]["status"] == 200, "the last lines are written"


def test_connections_that_wait_to_be_accepted_at_the_signal_end_cleanly(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin, running_gateway(tmp_path, one_service(origin.url)) as gateway:
        os.kill(gateway.process.pid, signal.SIGSTOP)
        with gateway.connect() as client:
            client.send_request("GET", "/")
            gateway.process.send_signal(signal.SIGTERM)
            os.kill(gateway.process.pid, signal.SIGCONT)
            assert gateway.wait_end() == 0


def test_its_sockets_are_not_its_childrens(tmp_path: Path) -> None:
    """A listening socket that leaks into another program keeps the port after the gateway's end."""
    gateway = GatewayProcess(tmp_path, one_service("http://127.0.0.1:1"))
    gateway.wait_ready()
    for link in Path(f"/proc/{gateway.process.pid}/fd").iterdir():
        if link.readlink().name.startswith("socket:"):
            flags = Path(f"/proc/{gateway.process.pid}/fdinfo/{link.name}").read_text().split("flags:")[1].split()[0]
            assert int(flags, 8) & os.O_CLOEXEC, link.readlink()
    assert gateway.stop() == 0
