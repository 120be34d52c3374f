"""A config that cannot be read is one line that says why."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from moongate.cli.files import ConfigFiles
from moongate.config import MAX_CONFIG_BYTES, ConfigInvalid
from moongate.control.watch import stamp_of

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = "version: 1\nservices: {a: {targets: [http://a]}}\nroutes: [{name: a, match: {}, service: a}]\n"


def message_of(path: Path | str) -> str:
    with pytest.raises(ConfigInvalid) as raised:
        ConfigFiles().read(str(path))
    return str(raised.value)


def test_a_file_is_read_and_judged(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(RIGHT)
    assert ConfigFiles().read(str(path)).routes[0].name == "a"
    path.write_text(RIGHT.replace("match: {}", "match: {path: a}"))
    assert message_of(path) == f"{path}:3:34: a path starts with /, write '/a'"


def test_unreadable_things(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert message_of(tmp_path / "fifo") == f"{tmp_path}/fifo: is no regular file"
    assert message_of(tmp_path / "loop") == f"{tmp_path}/loop: cannot be read: Too many levels of symbolic links"
    assert message_of("/dev/zero") == "/dev/zero: is no regular file"
    words = "embedded null byte" if sys.version_info < (3, 13) else "open: embedded null character in path"
    assert message_of("a\x00b") == f"a\x00b: {words}"
    (tmp_path / "long").symlink_to("a" * 300)
    assert message_of(tmp_path / "long") == f"{tmp_path}/long: cannot be read: File name too long"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(RIGHT)
    path.chmod(0)
    assert message_of(path) == f"{path}: cannot be read: Permission denied"
    tmp_path.chmod(0o300)
    try:
        assert message_of(tmp_path) == f"{tmp_path}: cannot be read: Permission denied"
        assert message_of(tmp_path / "other.yaml").startswith(f"{tmp_path}/other.yaml: no such file; to try")
    finally:
        tmp_path.chmod(0o700)


def test_an_absent_file_says_what_to_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hint = "to try the gateway without a config: moongate run --to http://127.0.0.1:8000"
    assert message_of("gateway.yaml") == f"gateway.yaml: no such file in {tmp_path.name}/; {hint}"
    assert message_of("other.yaml") == f"other.yaml: no such file; {hint}"
    assert message_of("nowhere/gateway.yaml") == f"nowhere/gateway.yaml: no such file; {hint}"
    (tmp_path / "gateway.toml").touch()
    assert message_of("gateway.yaml") == "gateway.yaml: no such file, did you mean gateway.toml?"


def test_nothing_is_found_in_a_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert message_of("gateway.yaml").startswith("gateway.yaml: no such file in a directory that is no longer there; ")


def test_a_huge_file_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_CONFIG_BYTES * 64)
    assert message_of(path) == f"{path}: larger than 16 MiB, which no config is"


def test_a_directory_is_one_config(tmp_path: Path) -> None:
    (tmp_path / "10-base.yaml").write_text("version: 1\nservices: {a: {targets: [http://a]}}\n")
    (tmp_path / "20-more.toml").write_text("[[routes]]\nname = 'one'\nmatch = {path = '/1'}\nservice = 'a'\n")
    (tmp_path / "30-more.yml").write_text("routes: [{name: two, match: {path: /2}, service: a}]\n")
    (tmp_path / "10-base_test.yaml").write_text("cases: []\n")
    (tmp_path / ".hidden.yaml").write_text("garbage: [")
    (tmp_path / "README.md").write_text("garbage")
    (tmp_path / "40.yaml.d").mkdir()
    assert [route.name for route in ConfigFiles().read(str(tmp_path)).routes] == ["one", "two"]


def test_a_directory_of_garbage(tmp_path: Path) -> None:
    assert message_of(tmp_path) == f"{tmp_path}: holds no config: files that end in .yaml, .yml, .toml"
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "b.toml").write_text("=")
    (tmp_path / "c.yaml").mkdir()
    unreadable = [
        f"{tmp_path}/a.yaml:1:1: not UTF-8: byte 0xFF; save the file as UTF-8",
        f"{tmp_path}/b.toml:1:1: not TOML: invalid statement",
    ]
    assert message_of(tmp_path).splitlines() == [*unreadable, f"{tmp_path}/c.yaml: is no regular file"]
    (tmp_path / "c.yaml").rmdir()
    assert message_of(tmp_path).splitlines() == unreadable
    (tmp_path / "a.yaml").write_text("a: [")
    assert [line.split(":")[0] for line in message_of(tmp_path).splitlines()] == [
        f"{tmp_path}/a.yaml",
        f"{tmp_path}/b.toml",
    ]


SECRET = RIGHT.replace("match: {}", "match: {headers: {X-Key: '${file:key}'}}")


def test_a_secret_is_read_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text(SECRET)
    key = tmp_path / "key"
    key.write_text("opensesame\n")
    key.chmod(0o600)
    files = ConfigFiles()
    assert files.read(str(tmp_path / "gateway.yaml")).routes[0].match.headers == {"X-Key": "opensesame"}
    assert files.warnings == []
    key.chmod(0o604)
    files.read(str(tmp_path / "gateway.yaml"))
    assert [str(warning) for warning in files.warnings] == [
        f"{tmp_path}/gateway.yaml:3:46: {key}: everybody may read it: chmod o-r [secret-readable]"
    ]


def test_secrets_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(SECRET)
    place = f"{path}:3:45: ${{file:key}}: "
    assert message_of(path) == place + "No such file or directory"
    (tmp_path / "key").write_bytes(b"\xff")
    assert message_of(path) == place + "not UTF-8"
    (tmp_path / "key").write_bytes(b"x" * 70_000)
    assert message_of(path) == place + "larger than 64 KiB, which no secret is"
    (tmp_path / "key").unlink()
    (tmp_path / "key").mkdir()
    assert message_of(path) == place + "is no regular file"


def test_variables_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM", "a.internal")
    path = tmp_path / "gateway.yaml"
    path.write_text(RIGHT.replace("http://a", '"http://${UPSTREAM}"'))
    assert ConfigFiles().read(str(path)).services["a"].targets[0].url == "http://a.internal"


def test_every_file_that_was_looked_at_is_stamped_from_before(tmp_path: Path) -> None:
    """What a watcher compares with: a file that changes while it is read is noticed."""
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "a.yaml").write_text("version: 1\nservices: {s: {targets: ['${file:url}']}}\n")
    (parts / "b.yaml").write_text("routes: [{name: r, match: {}, service: s}]\n")
    files = ConfigFiles({})
    with pytest.raises(ConfigInvalid):
        files.read(str(parts))
    wanted = {str(parts), *(str(parts / name) for name in ("a.yaml", "b.yaml", "url"))}
    assert set(files.stamps) == wanted
    assert files.stamps[str(parts / "url")] is None, "it is awaited"
    (parts / "url").write_text("http://127.0.0.1:1")
    files = ConfigFiles({})
    files.read(str(parts))
    assert files.stamps == {name: stamp_of(name) for name in wanted}
