"""A real `PROGRAM serve` process on a free port with a database of its own."""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

# rooms: allow mirror because it needs a service to start: the suites of the services prove it
START_S = 60.0


class Served:
    """`with Served("invsys") as served:` then call `served.base_url`. Leaves no process and no file behind.

    `program` is the package run with `python -m`. `database_url` is of a migrated database; without it a fresh SQLite
    file is made. `environ` adds settings.
    """

    def __init__(self, program: str, database_url: str | None = None, environ: dict[str, str] | None = None) -> None:
        self.program = program
        self._directory = tempfile.TemporaryDirectory(prefix=f"{program}-test-")
        self.directory = Path(self._directory.name)
        self._is_migrated = database_url is not None
        self.database_url = database_url or f"sqlite:///{self.directory / program}.db"
        prefix = f"{program.upper()}_"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(prefix)}
        self.environ = {**inherited, **(environ or {}), f"{prefix}DATABASE_URL": self.database_url}
        self.base_url = ""
        self.log = self.directory / "serve.log"
        self._process: subprocess.Popen[str] | None = None

    def command(self, *arguments: str, timeout: float = START_S) -> subprocess.CompletedProcess[str]:
        """Run another subcommand on the same database."""
        command = [sys.executable, "-m", self.program, *arguments]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=timeout, check=False)

    @property
    def pid(self) -> int:
        """Of the server's first process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        """Serve, on a database that is migrated first where it is our own; returns when `/readyz` answers 200."""
        if not self._is_migrated:
            migrated = self.command("migrate")
            assert migrated.returncode == 0, migrated.stderr
            self._is_migrated = True
        port = self.base_url.rpartition(":")[2] or "0"
        command = [sys.executable, "-m", self.program, "serve", "--port", port]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command, env=self.environ, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_relay, args=(self._process, lines), daemon=True).start()
        line = lines.get(timeout=START_S)
        assert "listening on http://" in line, f"{self.program} did not start: {line}{self.log.read_text()}"
        self.base_url = line.split("listening on ")[1].strip()
        with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
            assert client.get(f"{self.base_url}/readyz", timeout=START_S).status_code == 200
        return self

    def stop(self) -> None:
        """SIGTERM, and proof that the server left by itself."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(START_S)
            finally:
                self._reap()

    def kill(self) -> None:
        """SIGKILL to the server and all its children at once; `start` serves the same data again on the same port."""
        assert self._process is not None
        self._reap()

    def _reap(self) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self._directory.cleanup()


def _relay(process: subprocess.Popen[str], lines: "queue.Queue[str]") -> None:
    # Read to the end, so that the server never blocks on a full pipe.
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.put(line)
    except ValueError:
        pass  # closed by _reap
    lines.put("")
