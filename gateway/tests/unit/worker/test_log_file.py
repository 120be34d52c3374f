import stat
from pathlib import Path

import pytest

from gateway_harness.polling import eventually
from gateway_harness.proxying import Proxying
from moongate.worker.log_file import LogFile


def test_a_file_is_added_to_and_only_its_owner_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "access.jsonl"
    proxying = Proxying()
    proxying.get(path=b"/small/x")
    proxying.service.pools[0].waiting[0].client_gone()
    for _ in range(2):
        file = LogFile(str(path))
        assert file.log is not None
        file.log.exchange_ended(proxying.line)
        file.flush()
        file.close()
        file.close()
    assert len(path.read_text().splitlines()) == 2
    assert stat.S_IMODE(path.stat().st_mode) & 0o037 == 0


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_file_that_was_moved_or_removed_is_opened_anew(tmp_path: Path, is_removed: bool) -> None:
    path, moved = tmp_path / "access.jsonl", tmp_path / "access.jsonl.1"
    proxying = Proxying()
    proxying.get(path=b"/small/x")
    proxying.service.pools[0].waiting[0].client_gone()
    file, other = LogFile(str(path)), LogFile(str(path))
    for _ in range(2):
        assert file.log is not None
        file.log.exchange_ended(proxying.line)
        file.flush()
    other.close()
    eventually(lambda: path.read_text().count("\n") == 2, "both lines")
    path.rename(moved)
    if is_removed:
        moved.unlink()
    file.log.exchange_ended(proxying.line)
    file.close()
    assert path.read_text().count("\n") == 1
    assert is_removed or moved.read_text().count("\n") == 2


def test_one_that_can_not_be_opened_anew_is_told_once_and_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, moved = tmp_path / "log", tmp_path / "moved"
    folder.mkdir()
    proxying = Proxying()
    proxying.get(path=b"/small/x")
    proxying.service.pools[0].waiting[0].client_gone()
    file = LogFile(str(folder / "access.jsonl"))
    assert file.log is not None
    folder.rename(moved)
    for _ in range(3):
        file.log.exchange_ended(proxying.line)
        file.flush()
    file.close()
    assert (moved / "access.jsonl").read_text().count("\n") == 3
    assert [record.getMessage() for record in caplog.records] == [
        f"the access log {folder}/access.jsonl was moved, and can not be opened anew: No such file or directory"
    ]


def test_off_is_no_log() -> None:
    file = LogFile(None)
    file.flush()
    assert file.log is None
    file.close()


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LogFile(str(tmp_path / "no" / "log"))
