"""Checks beside the loop: one at a time, each once, and no more than fit."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

from moongate.stores.passwords import Passwords


def test_one_at_a_time_and_the_loop_turns_meanwhile() -> None:
    running, at_once, go = 0, list[int](), threading.Event()
    loop: asyncio.AbstractEventLoop
    begun: asyncio.Event

    def check() -> bool:
        nonlocal running
        running += 1
        at_once.append(running)
        loop.call_soon_threadsafe(begun.set)
        assert go.wait(10)
        running -= 1
        return True

    async def story() -> None:
        nonlocal loop, begun
        loop, begun, passwords = asyncio.get_running_loop(), asyncio.Event(), Passwords()
        asked = [asyncio.ensure_future(passwords.check(bytes((number,)), check)) for number in range(5)]
        await begun.wait()  # a loop that were held up would never get here
        go.set()
        assert await asyncio.gather(*asked) == [True] * 5
        assert at_once == [1] * 5

    asyncio.run(story())


def test_the_same_password_is_checked_once_and_too_many_are_turned_away() -> None:
    go, checks = threading.Event(), list[int]()

    def check() -> bool:
        checks.append(1)
        return go.wait(10)

    async def story() -> None:
        passwords = Passwords(max_waiting=2)
        asked = [asyncio.ensure_future(passwords.check(name, check)) for name in (b"a", b"a", b"b", b"c", b"b")]
        assert await asked[3] is None
        go.set()
        assert await asyncio.gather(*asked) == [True, True, True, None, True]
        assert len(checks) == 2
        assert await passwords.check(b"c", check) is True, "there is room again"

    asyncio.run(story())


def test_one_that_fails_holds_up_nobody() -> None:
    def check() -> bool:
        raise MemoryError

    async def story() -> None:
        passwords = Passwords(max_waiting=1)
        for _ in range(3):
            with pytest.raises(MemoryError):
                await passwords.check(b"a", check)
        assert await passwords.check(b"a", lambda: True) is True

    asyncio.run(story())


def test_the_thread_steps_back_behind_the_loop() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    found: list[int] = []

    async def story() -> None:
        await Passwords().check(b"a", lambda: bool(found.append(niceness())))

    asyncio.run(story())
    assert niceness() < found[0] <= 19


def test_where_whoever_asked_first_leaves_the_next_one_asks() -> None:
    go, checks = threading.Event(), list[int]()

    def check() -> bool:
        checks.append(1)
        return go.wait(10)

    async def story() -> None:
        passwords = Passwords()
        asked = [asyncio.ensure_future(passwords.check(b"a", check)) for _ in range(3)]
        await asyncio.sleep(0)
        asked[0].cancel()
        await asyncio.sleep(0)
        go.set()
        assert await asyncio.gather(*asked[1:]) == [True, True]
        assert len(checks) <= 2

    asyncio.run(story())
