"""`make run` as a person uses it: read what it prints, paste the lines into a shell, press Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from run_system.plan import ROOT
from system_harness.ports import free_ports

STATUS = re.compile(r"^HTTP/1\.1 (\d{3})", re.MULTILINE)


class MakeRun:
    """On ports and with a database of its own, beside whatever else runs in this working tree."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port, self.invsys_port, self.accounts_port = free_ports(3)
        # Under `make test` the settings of the outer make must not reach the inner one.
        self.environment = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
        self.process: subprocess.Popen[str] | None = None

    def command(self, port: int | None = None) -> list[str]:
        ports = [f"PORT={port or self.port}", f"PORT_INVSYS={self.invsys_port}", f"PORT_ACCOUNTS={self.accounts_port}"]
        return ["make", "--directory", str(ROOT), "--no-print-directory", "run", *ports, f"STATE={self.state}"]

    def start(self) -> str:
        """Return what is printed until the last line to paste."""
        self.process = subprocess.Popen(
            self.command(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            start_new_session=True,
        )
        assert self.process.stdout
        said = ""
        while not said.partition("# 403")[2].count("\n") > 1:
            line = self.process.stdout.readline()
            assert line, f"ended after: {said}"
            said += line
        return said

    def press_ctrl_c(self) -> str:
        """A terminal sends the signal to the whole foreground group; return what is printed after it."""
        assert self.process
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        self.process = None
        return rest


@pytest.fixture
def make_run(tmp_path: Path) -> Iterator[MakeRun]:
    one = MakeRun(tmp_path / "state")
    yield one
    if one.process:
        one.press_ctrl_c()


def paste(said: str) -> list[str]:
    """Give the printed lines to a shell as they are and return the statuses they print."""
    lines = said.partition("terminal:\n")[2]
    ran = subprocess.run(["sh"], input=lines, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stderr == ""
    return STATUS.findall(ran.stdout)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
def test_the_printed_lines_work_on_the_first_run_and_on_the_next(make_run: MakeRun) -> None:
    for _ in range(2):
        assert paste(make_run.start()) == ["401", "201", "200", "201", "409", "403"]
        rest = make_run.press_ctrl_c()
        assert "gateway: stopped" in rest
        assert "invsys: stopped" in rest
        assert "accounts: stopped" in rest
        assert "Traceback" not in rest
        assert is_free(make_run.port)
        assert is_free(make_run.invsys_port)
        assert is_free(make_run.accounts_port)


def test_a_taken_port_is_one_line_and_nothing_starts(make_run: MakeRun) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        ran = subprocess.run(
            make_run.command(port), env=make_run.environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert ran.returncode != 0
    assert ran.stdout.startswith(f"port {port} is taken: try `make run PORT=")
    assert ran.stdout.count("\n") == 1
    assert "Traceback" not in ran.stderr
    assert not make_run.state.exists()
