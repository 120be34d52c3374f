"""`invsys export`: what comes out goes in again, and comes out the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from invsys.cli.main import main
from servicekit.testing.databases import Databases


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_round_trip(
    form: str, engine_name: str, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(what: str, name: str) -> Path:
        file = tmp_path / f"{name}-{what}.{form}"
        assert main(["export", what, "--format", form, "--output", str(file)]) == 0
        return file

    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.migrated(engine_name))
    assert main(["seed", "--resources", "6", "--allocations", "40"]) == 0
    first = {what: export(what, "first") for what in ("resources", "allocations")}
    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.migrated(engine_name))
    for what, file in first.items():
        assert main(["import", what, str(file)]) == 0
    for what, file in first.items():
        assert sorted(export(what, "second").read_text().splitlines()) == sorted(file.read_text().splitlines())
        assert len(file.read_text().splitlines()) >= 6
    assert main(["verify"]) == 0


def test_a_reader_that_leaves_hears_no_complaint(databases: Databases) -> None:
    environ = {**os.environ, "INVSYS_DATABASE_URL": databases.migrated("sqlite")}
    program = (sys.executable, "-m", "invsys")
    made = ("seed", "--resources", "100", "--allocations", "100")
    assert subprocess.run((*program, *made), env=environ, timeout=60, check=False).returncode == 0
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as output:
        left = subprocess.run(
            (*program, "export", "resources"),
            env=environ,
            stdout=output,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (left.returncode, left.stderr) == (1, b"")


def test_a_place_that_cannot_be_written_is_one_line(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.migrated("sqlite"))
    assert main(["export", "resources", "--output", "/nonexistent/file"]) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err
