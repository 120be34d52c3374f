"""The pepper file."""

import threading
from pathlib import Path

import pytest

from accounts.adapters.pepper_file import PepperFile
from accounts.domain.errors import PepperUnavailableError


def test_a_file_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "peppers"
    file = PepperFile(path)
    assert file.create()
    assert path.stat().st_mode & 0o777 == 0o600
    first = file.current()
    assert len(first.secret) == 32
    assert not file.create()
    assert file.all() == {1: first}


def test_another_process_rotates_and_this_one_sees_it(tmp_path: Path) -> None:
    here, there = PepperFile(tmp_path / "peppers"), PepperFile(tmp_path / "peppers")
    here.create()
    made = there.add()
    assert here.current() == made
    assert made.version == 2
    there.remove(1)
    assert set(here.all()) == {2}
    assert [path.name for path in tmp_path.iterdir()] == ["peppers"]


def test_rotations_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "peppers"
    PepperFile(path).create()
    threads = [threading.Thread(target=PepperFile(path).add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(PepperFile(path).all()) == set(range(1, 10))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"peppers": {}}', '{"peppers": {"1": "secret"}}', '{"peppers": {"x": 1}}', "x" * 70_000],
)
def test_a_damaged_file_is_told_without_its_contents(tmp_path: Path, text: str) -> None:
    path = tmp_path / "peppers"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(PepperUnavailableError) as caught:
        PepperFile(path).all()
    assert str(path) in caught.value.detail
    assert "secret" not in caught.value.detail


def test_what_to_do_about_a_file_that_is_absent_or_open_to_others(tmp_path: Path) -> None:
    path = tmp_path / "peppers"
    with pytest.raises(PepperUnavailableError) as caught:
        PepperFile(path).all()
    assert "accounts bootstrap" in caught.value.detail
    PepperFile(path).create()
    path.chmod(0o640)
    with pytest.raises(PepperUnavailableError) as caught:
        PepperFile(path).all()
    assert f"chmod 600 {path}" in caught.value.detail
    with pytest.raises(PepperUnavailableError):
        PepperFile(tmp_path / "none" / "peppers").create()
