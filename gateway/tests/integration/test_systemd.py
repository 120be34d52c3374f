"""Started as systemd starts it: sockets that are handed over, and words that are said back."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from gateway_harness.gateway_process import one_service
from gateway_harness.origin import ScriptedOrigin, bound_socket, telling
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient
from moongate.core.limits import FAILED_CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What systemd does between fork and exec: descriptors from 3 on, and its own pid in the variable.
HANDS_OVER = """
import os, sys
for number, descriptor in enumerate(map(int, sys.argv[1].split(",")), 3):
    os.dup2(descriptor, number)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(sys.argv[1].count(",") + 1)}
os.execv(sys.executable, [sys.executable, "-m", "moongate", *sys.argv[2:]])
"""


class Unit:
    """A gateway under a manager that is played here."""

    def __init__(self, directory: Path, command: list[str], pass_fds: tuple[int, ...] = ()) -> None:
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(str(directory / "notify"))
        self.manager.settimeout(30)
        self._stderr = directory / "stderr"
        with self._stderr.open("w") as stderr:
            self.process = subprocess.Popen(
                command,
                pass_fds=pass_fds,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env={**os.environ, "NOTIFY_SOCKET": str(directory / "notify")},
            )

    def hear(self, wanted: str) -> str:
        """The next thing that is said; it begins as ``wanted``."""
        said = self.manager.recv(1000).decode()
        assert said.startswith(wanted), said
        return said

    @property
    def stderr(self) -> str:
        return self._stderr.read_text()

    def close(self) -> None:
        self.manager.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)


@contextmanager
def unit(directory: Path, command: list[str], pass_fds: tuple[int, ...] = ()) -> Iterator[Unit]:
    started = Unit(directory, command, pass_fds)
    try:
        yield started
    finally:
        started.close()


def write_config(directory: Path, port: int, target: str) -> str:
    path = directory / "gateway.yaml"
    path.write_text(
        "version: 1\nadmin: off\ndrain: {notice: 0s}\naccess_log: false\n"
        f"listeners: [{{bind: '127.0.0.1:{port}'}}]\n" + one_service(target)
    )
    return str(path)


def status(port: int) -> int:
    client = RawClient(port)
    try:
        return client.request("GET", "/").status
    finally:
        client.close()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_socket_that_is_handed_over_outlives_the_gateway(tmp_path: Path, workers: str) -> None:
    with ScriptedOrigin() as origin, bound_socket() as sock, bound_socket() as other:
        sock.listen(16)
        other.listen(16)
        port = sock.getsockname()[1]
        config = write_config(tmp_path, port, origin.url)
        descriptors = f"{sock.fileno()},{other.fileno()}"
        command = [sys.executable, "-c", HANDS_OVER, descriptors, "run", config, "--workers", workers]
        with unit(tmp_path, command, (sock.fileno(), other.fileno())) as gateway:
            gateway.hear("READY=1")
            for _ in range(4):
                assert status(port) == 200
            where = f"127.0.0.1:{other.getsockname()[1]}"
            assert f"warning: a socket on {where} was handed over" in gateway.stderr
            gateway.process.send_signal(signal.SIGTERM)
            assert gateway.process.wait(30) == 0
        # Nobody serves now, and still nobody is refused: the next gateway finds them in the queue.
        waiting = RawClient(port)
        waiting.send_request("GET", "/")
        (tmp_path / "notify").unlink()
        with unit(tmp_path, command, (sock.fileno(), other.fileno())) as gateway:
            assert waiting.read_response("GET").status == 200
        waiting.close()


def test_clients_of_ipv4_are_themselves_at_a_socket_for_both_families(tmp_path: Path) -> None:
    """As systemd makes one of ListenStream=[::]:8080 (BindIPv6Only=default): else all of IPv4 would be in one network,
    and one address that shows wrong credentials would have everybody else's answered 429."""
    with ScriptedOrigin(telling) as origin, socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(("::", 0))
        sock.listen(16)
        port = sock.getsockname()[1]
        config = tmp_path / "gateway.yaml"
        method = f"{{hmac: {{keys: {{k: {{client: c, secret: '{'s' * 64}'}}}}}}}}"
        filters = f"[{{authenticate: {{anonymous: allow, methods: [{method}]}}}}]"
        config.write_text(
            f"version: 1\nadmin: off\naccess_log: false\nlisteners: [{{bind: '[::]:{port}'}}]\n"
            + one_service(origin.url, route=f", filters: {filters}")
        )
        command = [sys.executable, "-c", HANDS_OVER, str(sock.fileno()), "run", str(config), "--workers", "0"]
        with unit(tmp_path, command, (sock.fileno(),)) as gateway:
            gateway.hear("READY=1")
            with RawClient(port) as client:
                assert b"X-Forwarded-For: 127.0.0.1" in client.request("GET", "/").body.split(b"\r\n")
                wrong = [client.request("GET", "/", "Signature-Input: x").status for _ in range(FAILED_CREDENTIALS + 1)]
            assert wrong == [401] * FAILED_CREDENTIALS + [429]
            with RawClient(port, source="127.0.0.2") as other:
                assert other.request("GET", "/", "Signature-Input: x").status == 401


def test_systemd_hears_of_every_step(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin:
        config = write_config(tmp_path, 0, origin.url)
        with unit(tmp_path, [sys.executable, "-m", "moongate", "run", config, "--workers", "1"]) as gateway:
            assert "STATUS=generation 1 is served" in gateway.hear("READY=1")
            write_config(tmp_path, 0, origin.url.replace("127.0.0.1", "localhost"))
            gateway.process.send_signal(signal.SIGHUP)
            assert "MONOTONIC_USEC=" in gateway.hear("RELOADING=1")
            assert "STATUS=generation 2 is served" in gateway.hear("READY=1")
            write_config(tmp_path, 0, "gopher://x")
            gateway.hear("RELOADING=1")
            assert "the last reload was refused" in gateway.hear("READY=1")
            gateway.process.send_signal(signal.SIGTERM)
            gateway.hear("STOPPING=1")
            assert gateway.process.wait(30) == 0
            # Workers were not told to speak for it.
            gateway.manager.setblocking(False)
            with pytest.raises(BlockingIOError):
                gateway.manager.recv(1000)


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="systemd's own tool is not here")
def test_by_systemds_own_hand(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin:
        with bound_socket() as free:
            port = free.getsockname()[1]
        config = write_config(tmp_path, port, origin.url)
        command = ["systemd-socket-activate", f"--listen=127.0.0.1:{port}", "--setenv=NOTIFY_SOCKET"]
        with unit(tmp_path, [*command, sys.executable, "-m", "moongate", "run", config, "--workers", "2"]) as gateway:
            eventually(lambda: "Listening on" in gateway.stderr, "systemd listens")
            assert status(port) == 200, "the first connection starts the gateway"
            gateway.hear("READY=1")
            assert f"listening on http://127.0.0.1:{port} " in gateway.stderr
            gateway.process.send_signal(signal.SIGTERM)
            assert gateway.process.wait(30) == 0
