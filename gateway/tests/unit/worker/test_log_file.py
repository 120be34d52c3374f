import stat
from pathlib import Path

import pytest

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


def test_off_is_no_log() -> None:
    file = LogFile(None)
    file.flush()
    assert file.log is None
    file.close()


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LogFile(str(tmp_path / "no" / "log"))
