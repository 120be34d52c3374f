"""`moongate run` as a process of its own, on a port that the system chose."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway_harness.polling import WAIT_SECONDS, eventually
from gateway_harness.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ADMIN = re.compile(r"admin on http://127\.0\.0\.1:(\d+)")
_READY = re.compile(r"listening on https?://127\.0\.0\.1:(\d+)")
START_SECONDS = 30.0
QUIET = "admin: off\ndrain: {notice: 0s}\n"
OPERATED = "admin: {bind: '127.0.0.1:0'}\ndrain: {notice: 0s}\n"


class GatewayProcess:
    """A running gateway. ``stderr`` are the lines that it wrote there so far; ``tls`` is its listener's, in flow
    style; without ``workers`` it is a single process; ``head`` are keys of its config that `write_config` keeps."""

    def __init__(self, directory: Path, config: str, tls: str = "", workers: int = 0, head: str = QUIET) -> None:
        self._head = head
        self._log = directory / "access.jsonl"
        self._path = directory / "gateway.yaml"
        self.write_config(config, tls)
        command = (sys.executable, "-m", "moongate", "run", str(self._path), "--workers", str(workers))
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.stderr: list[str] = []
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._reader.start()
        self.port = 0

    def write_config(self, config: str, tls: str = "") -> None:
        """All but version, listeners and access_log, which stay; in one step, as a good editor saves."""
        listener = f"{{bind: '127.0.0.1:0'{tls and f', tls: {tls}'}}}"
        new = self._path.with_suffix(".new")
        new.write_text(f"version: 1\nlisteners: [{listener}]\naccess_log: {self._log}\n{self._head}{config}")
        new.replace(self._path)

    @property
    def admin_port(self) -> int:
        """Of its admin address, once that is served (with `OPERATED`)."""
        eventually(lambda: _ADMIN.search("".join(self.stderr)), "the admin address", START_SECONDS)
        found = _ADMIN.findall("".join(self.stderr))
        return int(found[-1])

    def admin(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """What its admin address answers: status, and what the JSON holds, or text."""
        sent = {
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=WAIT_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            text = response.read().decode()
            is_json = "json" in response.headers["Content-Type"]
            return response.status, json.loads(text) if is_json else text

    def workers(self) -> list[int]:
        """The pids of its workers."""
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def said(self, text: str) -> bool:
        return any(text in line for line in self.stderr)

    def wait_said(self, text: str) -> None:
        """``said``, in a moment: what is written comes by a pipe of its own."""
        eventually(lambda: self.said(text), f"it says {text!r}")

    def wait_ready(self) -> None:
        eventually(self._is_ready_or_over, "the ready line", START_SECONDS)
        assert self.port, f"the gateway ended: {self.stderr}"

    def connect(self, host: str = "any.test", receive_buffer: int = 0) -> RawClient:
        return RawClient(self.port, host, receive_buffer)

    def log_lines(self) -> list[dict[str, Any]]:
        """The access log so far."""
        text = self._log.read_text() if self._log.exists() else ""
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def wait_log(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first line of the access log that is ``wanted``, once it is there."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found[:] = [line for line in self.log_lines() if wanted(line)]
            return bool(found)

        eventually(look, f"a line in the access log: {what}")
        return found[0]

    def resident_bytes(self) -> int:
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def settled_bytes(self) -> int:
        """Resident memory once it has stopped to grow: forty looks that agree."""
        looks: list[int] = []

        def is_steady() -> bool:
            looks.append(self.resident_bytes())
            return len(looks) > 40 and max(looks[-40:]) - min(looks[-40:]) < 65536

        eventually(is_steady, "memory at rest")
        return looks[-1]

    def sockets_to(self, port: int) -> int:
        """How many established connections of this machine lead to ``port`` of loopback."""
        remote, established = f"0100007F:{port:04X}", "01"
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[2] == remote and row[3] == established for row in rows)

    def unsent_bytes(self) -> int:
        """What the kernel keeps for clients that have not taken it, on all connections of the listener together."""
        local = f"0100007F:{self.port:04X}"
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(int(row[4].partition(":")[0], 16) for row in rows if row[1] == local)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit status."""
        self.process.send_signal(number)
        return self.wait_end()

    def wait_end(self, seconds: float = WAIT_SECONDS) -> int:
        status = self.process.wait(seconds)
        self._reader.join(WAIT_SECONDS)
        return status

    def _is_ready_or_over(self) -> bool:
        found = _READY.search("".join(self.stderr))
        if found is not None:
            self.port = int(found[1])
        return found is not None or self.process.poll() is not None

    def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            self.stderr.extend(lines)


@contextlib.contextmanager
def running_gateway(
    directory: Path, config: str, tls: str = "", workers: int = 0, head: str = QUIET
) -> Iterator[GatewayProcess]:
    """A gateway with ``config`` (all but version, listeners, access_log and ``head``), until the block ends.

    It must then end by itself with status 0, at the latest when asked twice, and have written no traceback.
    """
    gateway = GatewayProcess(directory, config, tls, workers, head)
    try:
        gateway.wait_ready()
        yield gateway
        if gateway.process.poll() is None:
            gateway.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                gateway.process.wait(1)
            if gateway.process.poll() is None:  # running exchanges would get their time; a test does not wait for them
                gateway.process.send_signal(signal.SIGTERM)
        assert gateway.wait_end() == 0, gateway.stderr
        assert not [line for line in gateway.stderr if "Traceback" in line or "Error" in line], gateway.stderr
    finally:
        if gateway.process.poll() is None:
            gateway.process.kill()
            gateway.wait_end()


def one_service(*targets: str, more: str = "", route: str = "") -> str:
    """A config's services and routes: everything goes to ``targets``. ``more`` and ``route`` are further keys, in
    flow style and each with a leading comma."""
    listed = ", ".join(f"'{target}'" for target in targets)
    return (
        f"services: {{origin: {{targets: [{listed}]{more}}}}}\n"
        f"routes: [{{name: all, match: {{path: /**}}, service: origin{route}}}]\n"
    )
