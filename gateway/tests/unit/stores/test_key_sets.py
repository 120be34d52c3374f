"""What a worker knows of keys, and how many messages it takes to know more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from moongate.stores import key_sets as module
from moongate.stores.key_sets import KeySets

if TYPE_CHECKING:
    import pytest


class Wishes:
    """stores.key_sets.Asking."""

    def __init__(self) -> None:
        self.wanted: list[str] = []

    def want(self, source: str) -> None:
        self.wanted.append(source)


def made() -> tuple[KeySets, Wishes, list[float]]:
    now = [100.0]
    keys, wishes = KeySets(lambda: now[0]), Wishes()
    keys.asking = wishes
    return keys, wishes, now


def test_a_version_is_another_set_and_nothing_else() -> None:
    keys, _, _ = made()
    assert keys.held("a") is None
    keys.replaced("a", b"1", False)
    first = keys.held("a")
    assert first is not None
    version = keys.version
    keys.replaced("a", bytes(bytearray(b"1")), True)
    second = keys.held("a")
    assert second is not None
    assert second.document is first.document
    assert second.is_fresh
    assert keys.version == version
    keys.replaced("a", b"2", True)
    keys.gone("a")
    assert (keys.version, keys.held("a")) == (version + 2, None)


def test_all_requests_wait_for_one_look_and_then_nobody_asks_for_a_while() -> None:
    keys, wishes, now = made()

    async def story() -> None:
        waiting = [keys.wait("a") for _ in range(1000)]
        assert wishes.wanted == ["a"]
        assert keys.wait("b") is not None
        keys.answered("a", 30.0)
        assert [await each for each in waiting if each is not None] == [True] * 1000
        assert keys.wait("a") is None
        now[0] += 30
        assert keys.wait("a") is not None
        keys.answered("a", 30.0)
        keys.replaced("a", b"new", True)
        assert keys.wait("a") is not None, "what is new may be new again"
        assert wishes.wanted == ["a", "b", "a", "a"]

    asyncio.run(story())


def test_nobody_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    keys, wishes, _ = made()

    async def story() -> None:
        waiting = keys.wait("a")
        assert waiting is not None
        assert await waiting is False
        again = keys.wait("a")
        assert again is not None
        assert wishes.wanted == ["a", "a"]
        keys.answered("a", 1.0)
        assert await again is True

    asyncio.run(story())


def test_one_client_that_leaves_takes_nobody_along() -> None:
    keys, _, _ = made()

    async def wait() -> bool:
        waiting = keys.wait("a")
        assert waiting is not None
        return await waiting

    async def story() -> None:
        leaving, staying = asyncio.ensure_future(wait()), asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        keys.answered("a", 1.0)
        assert await staying is True

    asyncio.run(story())
