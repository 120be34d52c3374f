"""Good once: by one memory, by another process' word, and when nobody can say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from moongate.stores import replays as module
from moongate.stores.replays import Replays, SeenSignatures

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import pytest


def test_once_and_as_long_as_it_could_be_shown() -> None:
    now = [1000.0]
    seen = SeenSignatures(seconds=lambda: now[0])
    assert seen.is_first(b"a", 1001.0, 1061.0) is True
    assert seen.is_first(b"a", 1001.0, 1061.0) is False
    assert seen.is_first(b"b", 1001.0, 1061.0) is True
    now[0] = 1061.0
    assert seen.is_first(b"a", 1001.0, 1061.0) is False
    now[0] = 1061.1
    assert seen.is_first(b"c", 1050.0, 1110.0) is True
    assert len(seen) == 1


def test_what_was_signed_before_there_was_a_memory_nobody_can_tell() -> None:
    seen = SeenSignatures(seconds=lambda: 1000.5)
    assert seen.is_first(b"a", 1000.0, 1060.0) is None
    assert seen.is_first(b"a", 1001.0, 1061.0) is True


def test_what_no_longer_fits_is_refused_and_not_forgotten() -> None:
    now = [1000.0]
    seen = SeenSignatures(max_signatures=3, seconds=lambda: now[0])
    assert [seen.is_first(bytes((each,)), 1001.0, 1061.0) for each in range(5)] == [True, True, True, None, None]
    assert [seen.is_first(bytes((each,)), 1001.0, 1061.0) for each in range(3)] == [False] * 3
    now[0] = 1062.0
    assert seen.is_first(b"z", 1060.0, 1120.0) is True


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 90), st.floats(-60, 60)), max_size=60))
def test_nothing_is_good_twice_while_it_is_young_enough(steps: list[tuple[int, float, float]]) -> None:
    now = [1000.0]
    seen = SeenSignatures(seconds=lambda: now[0])
    taken: set[tuple[int, float]] = set()
    for who, pause, skew in steps:
        now[0] += pause
        created = float(round(now[0] + skew))
        for each in [(who, created), *taken]:
            if abs(now[0] - each[1]) <= 60 and seen.is_first(repr(each).encode(), each[1], each[1] + 60):
                assert each not in taken
                taken.add(each)


def test_without_another_process_it_remembers_by_itself() -> None:
    replays = Replays()
    later = 32503680000.0
    assert replays.is_first(b"a", later, later + 60) is True
    assert replays.is_first(b"a", later, later + 60) is False


async def told(found: bool | Awaitable[bool | None] | None) -> bool | None:
    return found if found is None or isinstance(found, bool) else await found


def test_the_other_process_has_the_word() -> None:
    asked: list[bytes] = []

    async def story() -> None:
        replays = Replays()
        replays.asking = lambda mark, created, until: asked.append(mark)
        first, other = replays.is_first(b"a", 1.0, 61.0), replays.is_first(b"b", 1.0, 61.0)
        assert replays.is_first(b"a", 1.0, 61.0) is False, "one of two at once"
        replays.answered(b"a", True)
        replays.answered(b"b", False)
        assert (await told(first), await told(other)) == (True, False)
        assert asked == [b"a", b"b"]
        replays.answered(b"a", True)

    asyncio.run(story())


def test_silence_and_a_crowd_are_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(module, "MAX_WAITING", 2)

    async def story() -> None:
        replays = Replays()
        replays.asking = lambda *_: None
        waiting = [replays.is_first(mark, 1.0, 61.0) for mark in (b"a", b"b", b"c")]
        assert waiting[2] is None
        assert [await told(each) for each in waiting] == [None, None, None]

    asyncio.run(story())
