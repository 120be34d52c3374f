"""`moongate init`: the starter is right, as it stands and with its comments taken off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from moongate.cli.init import STARTER
from moongate.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_starter_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert main(["check"]) == 0


def test_what_is_commented_out_is_right_too(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(re.sub(r"(?m)^( *)#(?=[a-z-]|  \w)", r"\1", STARTER))
    assert path.read_text().count("\n  - name:") == 2
    token = tmp_path / "gateway.token"
    token.write_text("mgw_" + "t" * 32)
    token.chmod(0o600)
    assert main(["check", str(path)]) == 0


def test_nothing_is_overwritten(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = config.read_bytes()
    assert main(["init"]) == 1
    assert config.read_bytes() == before
    assert capsys.readouterr().err == "gateway.yaml: is there already, and stays as it is\n"


def test_a_directory_gets_no_file_of_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", f"{tmp_path}/conf/"]) == 1
    assert capsys.readouterr().err == f"{tmp_path}/conf/: a directory is named; write {tmp_path}/conf/gateway.yaml\n"
    assert not (tmp_path / "conf").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "absent" / "gateway.yaml")]) == 1
    assert capsys.readouterr().err.endswith("cannot be written: No such file or directory\n")
