"""Files of keys: whole, private, and clear about why not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from moongate.control.accounts.place import PlaceInvalid
from moongate.control.tokens.files import read_file, write_file

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_written_is_read_and_nobody_else_may(tmp_path: Path) -> None:
    place = tmp_path / "made" / "here" / "keys.json"
    assert read_file(str(place), "keys") is None
    previous = os.umask(0)
    try:
        write_file(str(place), b"1", "keys")
        write_file(str(place), b"2", "keys")
    finally:
        os.umask(previous)
    assert read_file(str(place), "keys") == b"2"
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in place.parent.iterdir()] == ["keys.json"]


def test_a_file_that_can_not_be_written_stays_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "keys.json"
    place.mkdir()
    with pytest.raises(PlaceInvalid, match="cannot keep keys in "):
        write_file(str(place), b"1", "keys")
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]
    with pytest.raises(PlaceInvalid, match="cannot read keys in "):
        read_file(str(place), "keys")
    with pytest.raises(PlaceInvalid, match="cannot keep keys in "):
        write_file("/dev/null/keys.json", b"1", "keys")
