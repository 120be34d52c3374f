"""The command."""

import fcntl
import os
import signal
import termios
import threading
from pathlib import Path

import pytest

from invsys.cli.main import main
from servicekit.testing.databases import Databases


def test_usage_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["fly"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
        assert "usage: invsys" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite:////nonexistent/dir/a.db", "postgresql://127.0.0.1:1/none"])
@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_database_that_cannot_be_used_is_one_line(
    command: str, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", url)
    assert main([command]) == 1
    error = capsys.readouterr().err
    assert error.startswith("invsys: ")
    assert error.count("\n") == 1


def test_an_interrupt_is_one_line(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while a pipe is being imported."""
    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.migrated("sqlite"))
    fifo, over = tmp_path / "cars.jsonl", threading.Event()
    os.mkfifo(fifo)

    def interrupt() -> None:
        with fifo.open("wb", buffering=0) as pipe:
            pipe.write(b"\n")
            left = b"\1"
            while any(left):  # until it is read, and more is waited for
                left = fcntl.ioctl(pipe, termios.FIONREAD, bytes(4))
            os.kill(os.getpid(), signal.SIGINT)
            over.wait(60)

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        assert main(["import", "resources", str(fifo)]) == 130
    finally:
        over.set()
    assert capsys.readouterr().err == "invsys: interrupted\n"
