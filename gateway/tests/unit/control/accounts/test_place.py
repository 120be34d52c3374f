"""Where the replica stands, who may read it, and what is said where it cannot stand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from moongate.control.accounts.place import PlaceInvalid, clear_place, take_place

if TYPE_CHECKING:
    from pathlib import Path


def test_file_and_directory_are_made_for_this_user_alone(tmp_path: Path) -> None:
    place = tmp_path / "var" / "replica.sqlite"
    take_place(str(place))
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_what_everybody_could_read_is_closed_and_kept(tmp_path: Path) -> None:
    place = tmp_path / "replica.sqlite"
    place.write_text("something")
    place.chmod(0o644)
    take_place(str(place))
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.read_text() == "something"


@pytest.mark.parametrize("kind", ["directory", "pipe", "below-a-file"])
def test_what_is_no_place_is_said(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "x"
    if kind == "directory":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.write_text("")
        place /= "replica.sqlite"
    with pytest.raises(PlaceInvalid) as caught:
        take_place(str(place))
    assert str(place) in str(caught.value)


def test_clearing_takes_what_sqlite_keeps_beside_it(tmp_path: Path) -> None:
    for name in ("r", "r-wal", "r-shm", "rest"):
        (tmp_path / name).write_text("")
    clear_place(str(tmp_path / "r"))
    assert [each.name for each in tmp_path.iterdir()] == ["rest"]
    clear_place(str(tmp_path / "r"))
