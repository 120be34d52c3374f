"""The last good keys, over a restart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway_harness.tokens import Signer, key_set
from moongate.control.accounts.moment import Moment, current
from moongate.control.tokens.shelf import KEPT_SECONDS, Kept, Shelf

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = key_set(Signer()).decode()


def aged(seconds: float) -> Moment:
    now = current()
    return Moment(now.wall - seconds, now.monotonic - seconds, now.boot)


def test_what_was_put_there_is_there_after_a_restart(tmp_path: Path) -> None:
    path, said = str(tmp_path / "keys.json"), list[str]()
    shelf = Shelf(path, said.append)
    assert shelf.get("a") is None
    kept = Kept(DOCUMENT, current())
    asyncio.run(shelf.put("a", kept))
    assert Shelf(path, said.append).get("a") == kept
    assert said == []


def test_for_a_day(tmp_path: Path) -> None:
    path = str(tmp_path / "keys.json")
    shelf = Shelf(path, print)
    asyncio.run(shelf.put("young", Kept(DOCUMENT, aged(KEPT_SECONDS - 100))))
    asyncio.run(shelf.put("old", Kept(DOCUMENT, aged(KEPT_SECONDS + 1))))
    again = Shelf(path, print)
    assert again.get("young") is not None
    assert again.get("old") is None
    asyncio.run(again.put("other", Kept(DOCUMENT, current())))
    assert "old" not in (tmp_path / "keys.json").read_text()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"key_sets": {"a": {"document": "{}", "fetched": [1, 2, ""]}}}', b"\xff", b"{}"]
)
def test_what_is_of_no_use_is_said_and_left(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys.json").write_bytes(content)
    said: list[str] = []
    shelf = Shelf(str(tmp_path / "keys.json"), said.append)
    assert shelf.get("a") is None
    assert len(said) == 1
    assert "are of no use and fetched anew" in said[0]
    asyncio.run(shelf.put("a", Kept(DOCUMENT, current())))
    assert Shelf(str(tmp_path / "keys.json"), said.append).get("a") is not None


def test_that_it_can_not_be_written_is_told_once() -> None:
    said: list[str] = []
    shelf = Shelf("/dev/null/keys.json", said.append)
    for _ in range(3):
        asyncio.run(shelf.put("a", Kept(DOCUMENT, current())))
    assert len(said) == 1
    assert shelf.get("a") is not None
