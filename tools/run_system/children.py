"""One child process: started in a session of its own, watched, and stopped with everything it started.

A session of its own keeps the terminal's Ctrl-C from the children: the launcher alone receives it and stops them in
order, so that the gateway is gone before the service behind it.
"""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROBE_SECONDS = 1.0
POLL_SECONDS = 0.05
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # $http_proxy knows nothing of our loopback


@dataclass(frozen=True)
class ChildPlan:
    """What to start, and the URL that answers 2xx once it is ready; one without a URL is run to its end.

    `secrets` are variables whose values stand in files when it is started; `key_file` holds the API key that
    `ready_url` demands.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str = ""
    secrets: Mapping[str, Path] = field(default_factory=dict)
    key_file: Path | None = None


class ChildError(Exception):
    """A child ended, or was not ready in time; the message carries the last lines of its log."""


class Child:
    def __init__(self, plan: ChildPlan, log: Path) -> None:
        self.name = plan.name
        self.ready_url = plan.ready_url
        self.key_file = plan.key_file
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        secrets = {name: path.read_text().strip() for name, path in plan.secrets.items()}
        with log.open("wb") as sink:
            self.process = subprocess.Popen(
                plan.command,
                env={**os.environ, **plan.environment, **secrets},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def is_ready(self) -> bool:
        headers = {} if self.key_file is None else {"X-API-Key": self.key_file.read_text().strip()}
        try:
            with _DIRECT.open(urllib.request.Request(self.ready_url, headers=headers), timeout=PROBE_SECONDS) as answer:
                return bool(answer.status < 300)
        except (urllib.error.URLError, OSError):
            return False

    def wait_ready(self, seconds: float, pause: Callable[[float], None] = time.sleep) -> None:
        """Return once the child answers. Raises ChildError when it ends or takes longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self.has_ended():
                raise self.ended()
            if time.monotonic() > deadline:
                raise self.error(f"{self.name} was not ready within {seconds:.0f} s")
            pause(POLL_SECONDS)

    def wait_end(self, seconds: float, pause: Callable[[float], None] = time.sleep) -> None:
        """Return once the child has ended well. Raises ChildError when it failed or takes longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while not self.has_ended():
            if time.monotonic() > deadline:
                raise self.error(f"{self.name} was not done within {seconds:.0f} s")
            pause(POLL_SECONDS)
        if self.process.returncode:
            raise self.ended()

    def stop(self, seconds: float, is_hurried: Callable[[], bool] = lambda: False) -> bool:
        """Ask the child to end and kill what is left of its session after `seconds`, or once someone is in a hurry.

        Returns whether the child ended by itself.
        """
        deadline = time.monotonic() + seconds
        if not self.has_ended():
            self.process.terminate()
        while not self.has_ended() and time.monotonic() < deadline and not is_hurried():
            time.sleep(POLL_SECONDS)
        in_time = self.has_ended()
        self.kill()
        return in_time

    def kill(self) -> None:
        """End the whole session at once: a child that was killed has not stopped its own workers."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def ended(self) -> ChildError:
        code = self.process.returncode
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        return self.error(f"{self.name} {how}")

    def error(self, what: str) -> ChildError:
        return ChildError("\n  ".join([f"{what}; the end of {self.log}:", *self.last_lines()]))

    def last_lines(self, count: int = 15) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()[-count:] or ["(empty)"]
