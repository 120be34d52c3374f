import os
from pathlib import Path

from moongate.control.watch import Watcher, stamp_of


def watching(*paths: Path) -> Watcher:
    return Watcher({str(path): stamp_of(str(path)) for path in paths})


def test_a_change_is_told_once_it_rests(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1")
    watcher = watching(path)
    assert watcher.look() == []
    path.write_text("12")
    assert watcher.look() == []
    path.write_text("123")
    assert watcher.look() == []
    assert watcher.look() == [str(path)]
    watcher.reset({str(path): stamp_of(str(path))})
    assert watcher.look() == []


def test_a_file_that_is_replaced_goes_and_comes(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_text("1")
    stat = path.stat()
    watcher = watching(path)
    other.write_text("2")
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(path)  # same size, same times
    watcher.look()
    assert watcher.look() == [str(path)]
    watcher = watching(path)
    path.unlink()
    watcher.look()
    assert watcher.look() == [str(path)]
    watcher = watching(path)
    path.write_text("3")
    watcher.look()
    assert watcher.look() == [str(path)]


def test_a_change_and_back_again_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1")
    stat = path.stat()
    watcher = watching(path)
    path.write_text("22")
    watcher.look()
    path.write_text("1")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert [watcher.look(), watcher.look(), watcher.look()] == [[], [], []]


def test_a_directory_changes_with_the_files_that_are_in_it(tmp_path: Path) -> None:
    watcher = watching(tmp_path)
    (tmp_path / "new.yaml").write_text("1")
    watcher.look()
    assert watcher.look() == [str(tmp_path)]


def test_a_path_that_is_none() -> None:
    assert stamp_of("a\0b") is None
    assert stamp_of("/no/such/file") is None
