"""Good once: by one memory, by another process' word, and when nobody can say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from moongate.core.clock import wall
from moongate.core.limits import MAX_SIGNATURE_WINDOW_SECONDS
from moongate.stores import replays as module
from moongate.stores.replays import Replays, SeenSignatures

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import pytest


class Times:
    """A date that may be put right, and a clock that only goes on."""

    def __init__(self) -> None:
        self.date = 1000.0
        self.clock = 50.0

    def pass_by(self, seconds: float) -> None:
        self.date += seconds
        self.clock += seconds

    def memory(self, max_signatures: int = 100, age: float = 1000.0) -> SeenSignatures:
        seen = SeenSignatures(max_signatures, lambda: self.date, lambda: self.clock)
        self.clock += age
        return seen


WINDOW = int(MAX_SIGNATURE_WINDOW_SECONDS)


def test_once_and_for_as_long_as_any_config_would_take_it() -> None:
    times = Times()
    seen = times.memory()
    assert seen.is_first(b"a", 1000) is True
    assert seen.is_first(b"a", 1000) is False
    assert seen.is_first(b"b", 1000) is True
    assert seen.is_first(b"c", 1000 + WINDOW) is True
    times.pass_by(WINDOW)
    assert seen.is_first(b"a", 1000) is False
    times.pass_by(1)
    assert seen.is_first(b"a", 1000) is None, "forgotten, and too old"
    assert len(seen) == 1


def test_what_was_signed_before_there_was_a_memory_nobody_can_tell() -> None:
    times = Times()
    seen = times.memory(age=0.0)
    assert seen.is_first(b"a", 1000) is None
    times.pass_by(0.5)
    assert seen.is_first(b"a", 1000) is None, "in the same second, before or after"
    times.pass_by(1.0)
    assert seen.is_first(b"a", 1000) is None
    assert seen.is_first(b"a", 1001) is True


def test_a_date_that_is_put_right_keeps_nobody_out() -> None:
    times = Times()
    seen = times.memory(age=10.0)
    times.date -= 3600
    assert seen.is_first(b"a", int(times.date)) is True
    assert seen.is_first(b"a", int(times.date)) is False


def test_what_no_longer_fits_is_refused_and_not_forgotten() -> None:
    times = Times()
    seen = times.memory(max_signatures=3)
    assert [seen.is_first(bytes((each,)), 1000) for each in range(5)] == [True, True, True, None, None]
    assert [seen.is_first(bytes((each,)), 1000) for each in range(3)] == [False] * 3
    times.pass_by(WINDOW + 1)
    assert seen.is_first(b"z", int(times.date)) is True


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 400), st.integers(-WINDOW, WINDOW)), max_size=60))
def test_nothing_is_good_twice_and_what_is_too_old_goes(steps: list[tuple[int, float, int]]) -> None:
    times = Times()
    seen = times.memory(age=0.0)
    taken: set[tuple[bytes, int]] = set()
    for who, pause, skew in steps:
        times.pass_by(pause)
        for each in [(b"%d" % who, int(times.date) + skew), *taken]:
            if seen.is_first(*each):
                assert each not in taken
                taken.add(each)
        assert len(seen) <= len([each for each in taken if times.date - each[1] <= WINDOW + 1])


def test_without_another_process_it_remembers_by_itself() -> None:
    replays, later = Replays(), int(wall().timestamp()) + 60
    assert replays.is_first(b"a", later) is True
    assert replays.is_first(b"a", later) is False


async def told(found: bool | Awaitable[bool | None] | None) -> bool | None:
    return found if found is None or isinstance(found, bool) else await found


def test_the_other_process_has_the_word() -> None:
    asked: list[bytes] = []

    async def story() -> None:
        replays = Replays()
        replays.asking = lambda mark, created: asked.append(mark)
        first, other = replays.is_first(b"a", 1), replays.is_first(b"b", 1)
        assert replays.is_first(b"a", 1) is False, "one of two at once"
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
        waiting = [replays.is_first(mark, 1) for mark in (b"a", b"b", b"c")]
        assert waiting[2] is None
        assert [await told(each) for each in waiting] == [None, None, None]

    asyncio.run(story())
