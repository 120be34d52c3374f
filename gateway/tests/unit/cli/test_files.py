"""A config that cannot be read is one line that says why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from moongate.cli.files import read_config
from moongate.config import MAX_CONFIG_BYTES, ConfigInvalid

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = "version: 1\nservices: {a: {targets: [http://a]}}\nroutes: [{name: a, match: {}, service: a}]\n"


def message_of(path: Path | str) -> str:
    with pytest.raises(ConfigInvalid) as raised:
        read_config(str(path))
    return str(raised.value)


def test_a_file_is_read_and_judged(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(RIGHT)
    assert read_config(str(path)).routes[0].name == "a"
    path.write_text(RIGHT.replace("match: {}", "match: {path: a}"))
    assert message_of(path) == f"{path}:3:34: a path starts with /, write '/a'"


def test_unreadable_things(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert message_of(tmp_path / "fifo") == f"{tmp_path}/fifo: is no regular file"
    assert message_of(tmp_path) == f"{tmp_path}: is a directory: name the file in it"
    assert message_of(tmp_path / "loop") == f"{tmp_path}/loop: cannot be read: Too many levels of symbolic links"
    assert message_of("/dev/zero") == "/dev/zero: is no regular file"
    assert message_of("a\x00b") == "a\x00b: cannot be read: embedded null byte"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(RIGHT)
    path.chmod(0)
    assert message_of(path) == f"{path}: cannot be read: Permission denied"


def test_an_absent_file_says_what_to_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hint = "to try the gateway without a config: moongate run --to http://127.0.0.1:8000"
    assert message_of("gateway.yaml") == f"gateway.yaml: no such file in {tmp_path.name}/; {hint}"
    assert message_of("other.yaml") == f"other.yaml: no such file; {hint}"


def test_a_huge_file_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_CONFIG_BYTES * 64)
    assert message_of(path) == f"{path}: larger than 16 MiB, which no config is"
