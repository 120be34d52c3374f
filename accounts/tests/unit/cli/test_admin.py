"""`accounts admin`, on both engines."""

import io
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.bootstrap.wiring import Services
from accounts.service import admins
from accounts_harness.commands import Run, RunJson


def test_an_admin_from_beginning_to_end(
    services: Services, run: Run, run_json: RunJson, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run_json("admin", "create", "eve")
    assert made["has_password"] is False
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert run_json("admin", "password", "eve")["has_password"] is True
    found = services.store.read(lambda tx: tx.admins.by_name("eve"))
    assert admins.is_password_of(found, "correct horse battery", services.passwords)
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert "password must be" in run("admin", "password", "eve", status=1)
    text = run_json("admin", "token", "eve", "--name", "ci", "--expires", "1h")["token"]
    held, now = services.peppers.all(), services.clock()
    assert services.store.read(lambda tx: admins.authenticate(tx, text, held, now))[0].name == "eve"
    assert "shown once: mga_" in run("admin", "token", "eve")
    assert "eve" in run("admin", "list")
    assert run_json("admin", "remove", "eve")["name"] == "eve"
    assert "is the only admin" in run("admin", "remove", "admin", status=1)


def sleeps(pid: int) -> bool:
    """Whether the process waits in the kernel (proc_pid_stat(5)): at the prompt, for what is typed."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def at_the_prompt(act: Callable[[subprocess.Popen[bytes], int], object]) -> tuple[int, str]:
    """`accounts admin password admin` at a terminal, `act` done to it when it asks; its status, and what it said."""
    terminal, theirs = pty.openpty()
    command = (sys.executable, "-m", "accounts", "admin", "password", "admin")
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        try:
            os.close(theirs)
            said = b""
            while b"password: " not in said:
                said += os.read(terminal, 1024)
            while not sleeps(process.pid):  # a signal that comes just before it reads is seen only when it has read
                assert process.poll() is None
            act(process, terminal)
            try:
                while more := os.read(terminal, 1024):
                    said += more
            except OSError:  # EIO: nobody has the other end any more
                pass
            status = process.wait(30)
        finally:
            process.kill()  # or leaving waits for whoever waits at the prompt
    os.close(terminal)
    return status, said.decode()


@pytest.mark.usefixtures("services", "environment")
def test_who_leaves_at_the_prompt_sees_one_line() -> None:
    status, said = at_the_prompt(lambda process, _: process.send_signal(signal.SIGINT))
    assert (status, said.strip().endswith("accounts: interrupted")) == (130, True)
    assert "Traceback" not in said
    status, said = at_the_prompt(lambda _, terminal: os.write(terminal, b"\x04"))
    assert (status, said.strip().endswith("accounts: password must be a line of UTF-8 text")) == (1, True)
    assert "Traceback" not in said


def test_a_password_that_is_no_text_is_refused(run: Run, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for errors in ("strict", "surrogateescape"):
        typed = io.TextIOWrapper(io.BytesIO(b"correct horse \xff\n"), "utf-8", errors)
        monkeypatch.setattr("sys.stdin", typed)
        assert "must be a line of UTF-8 text" in run("admin", "password", "admin", status=1)
