"""The command."""

import os
import signal
import subprocess
import sys
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


def test_an_interrupt_is_one_line(databases: Databases, tmp_path: Path) -> None:
    """Ctrl-C while a pipe is being imported."""
    environ = {**os.environ, "INVSYS_DATABASE_URL": databases.migrated("sqlite")}
    fifo = tmp_path / "cars.jsonl"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "invsys", "import", "resources", str(fifo)]
    # The pipe opens when its other end does: then the command is importing.
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as running, fifo.open("w"):
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, "invsys: interrupted\n")
