"""A worker's view of logins: questions that are answered, late, never, or too many."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from moongate.stores import logins as module
from moongate.stores.logins import Logins
from moongate.stores.provider import UNAVAILABLE, Answer, Granted, Provider, Question

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    import pytest

QUESTION = Question("p", "refresh_token", "r")


class Heard:
    """stores.logins.Asking."""

    def __init__(self) -> None:
        self.questions: dict[int, Question] = {}

    def ask(self, number: int, question: Question) -> None:
        self.questions[number] = question


def tell(story: Callable[[Logins, Heard], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        logins, heard = Logins(), Heard()
        logins.asking = heard
        await story(logins, heard)

    asyncio.run(asyncio.wait_for(run(), 20))


def test_each_question_has_its_own_answer() -> None:
    async def story(logins: Logins, heard: Heard) -> None:
        one, two = logins.ask(QUESTION), logins.ask(QUESTION._replace(value="s"))
        assert [question.value for question in heard.questions.values()] == ["r", "s"]
        first, second = heard.questions
        logins.answered(second, Answer("refused"))
        logins.answered(first, Answer("granted", Granted("i")))
        assert (await one).granted.id_token == "i"
        assert (await two).result == "refused"
        logins.answered(first, UNAVAILABLE)
        logins.answered(999, UNAVAILABLE)

    tell(story)


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.05)

    async def story(logins: Logins, heard: Heard) -> None:
        assert await logins.ask(QUESTION) == UNAVAILABLE
        assert logins._waiting == {}
        logins.answered(1, Answer("granted"))

    tell(story)


def test_no_more_wait_than_there_is_room_for() -> None:
    async def story(logins: Logins, heard: Heard) -> None:
        waiting: list[Awaitable[Answer]] = [logins.ask(QUESTION) for _ in range(module.MAX_WAITING)]
        assert await logins.ask(QUESTION) == UNAVAILABLE
        assert len(heard.questions) == module.MAX_WAITING
        for number in list(heard.questions):
            logins.answered(number, Answer("refused"))
        assert {answer.result for answer in await asyncio.gather(*waiting)} == {"refused"}
        assert logins._waiting == {}

    tell(story)


def test_whoever_goes_away_leaves_nothing_behind() -> None:
    async def story(logins: Logins, heard: Heard) -> None:
        waiting = asyncio.ensure_future(logins.ask(QUESTION))
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.sleep(0)  # the turn of what was to be called; from 3.12 on gather takes none of its own
        assert logins._waiting == {}
        logins.answered(1, Answer("granted"))

    tell(story)


def test_what_control_says_is_held() -> None:
    logins = Logins()
    assert (logins.keys, logins.provider("https://id")) == ((), None)
    logins.sealed_with((b"k",))
    provider = Provider("https://id/a", "https://id/e", names_itself=True)
    logins.described("https://id", provider)
    assert (logins.keys, logins.provider("https://id")) == ((b"k",), provider)
