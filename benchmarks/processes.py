"""Start a process in a session of its own, pinned to a core, and end the whole session whatever happens."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import procfs
from benchmarks.model import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
"""The repository: what `benchmarks` is imported from."""

GONE_WITHIN_S = 5.0
"""Orphans of the leader die on their own; the next window must not start beside them."""

DIRECTORIES = re.compile(r"(?<![\w.])(/[\w.-]+)+/")
"""Absolute paths lose their directories: what a gateway said is kept in files that travel."""


@contextmanager
def started(command: list[str], core: int, folder: Path, log: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` in `folder` on one core, its output in `folder/log`; on leaving, kill everything it started.

    SIGKILL, not SIGTERM: nothing here has anything to save, and a graceful drain would take seconds of every window.
    """
    with (folder / log).open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(core), *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and its session, and wait until all of it is gone; fine when it is gone already."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    deadline = time.monotonic() + GONE_WITHIN_S
    while not all(stat.has_ended for stat in procfs.session_stats(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.002)


def must_live(process: subprocess.Popen[bytes], folder: Path, log: str) -> None:
    """Raise BenchmarkError with the last lines of its log if the process has ended."""
    if process.poll() is not None:
        tail = " / ".join(line.strip() for line in (folder / log).read_text(errors="replace").splitlines()[-3:])
        said = DIRECTORIES.sub("", tail) or "it said nothing"
        raise BenchmarkError(f"ended at once with status {process.returncode}: {said}")


def allow_files() -> None:
    """Raise this process's limit of open files as far as it may go; whatever it starts inherits it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def turn_sigterm_into_exit() -> None:
    """Let SIGTERM unwind the stack like Ctrl-C does, so that every `finally` above runs."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
