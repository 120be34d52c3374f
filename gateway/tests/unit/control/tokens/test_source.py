"""One issuer, followed: when it is asked, what is kept of it, and who is told."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from gateway_harness.controlling import until
from gateway_harness.tokens import Signer, key_set
from moongate.control.accounts.moment import Moment, current
from moongate.control.tokens import source as module
from moongate.control.tokens.fetch import Fetched, FetchFailed
from moongate.control.tokens.shelf import KEPT_SECONDS, Kept, Shelf
from moongate.control.tokens.source import Source
from moongate.core.token_plans import KeySourcePlan

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Any

    from moongate.control.tokens.documents import Metadata

ISSUER = "https://id.example.com"
OPENID = f"{ISSUER}/.well-known/openid-configuration"
OAUTH = f"{ISSUER}/.well-known/oauth-authorization-server"
KEYS = f"{ISSUER}/keys"
METADATA = json.dumps({"issuer": ISSUER, "jwks_uri": KEYS}).encode()
ONE, TWO = key_set(Signer(kid="k1")), key_set(Signer(kid="k2"))


class Issuer:
    """control.tokens.source.Getter: what is at each URL; asked for anything else it fails."""

    def __init__(self, **there: bytes) -> None:
        self.there: dict[str, bytes] = {OPENID: METADATA, KEYS: ONE}
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_down = False

    async def get(self, url: str) -> Fetched:
        self.asked.append(url)
        await self.may_answer.wait()
        if self.is_down:
            raise FetchFailed("is down")
        if url not in self.there:
            raise FetchFailed(f"answers 404 to {url}", is_missing=True)
        return Fetched(self.there[url], "max-age=300")


class Told:
    """control.tokens.source.Audience."""

    def __init__(self) -> None:
        self.states: list[tuple[str | None, bool]] = []
        self.said: list[str] = []
        self.descriptions: list[Metadata | None] = []

    def described(self, source: Source) -> None:
        self.descriptions.append(source.metadata)

    def held(self, source: Source) -> None:
        self.states.append((None if source.kept is None else source.kept.document, source.is_fresh))

    def say(self, text: str) -> None:
        self.said.append(text)


class Case:
    """A source that is followed."""

    def __init__(self, path: Path, plan: KeySourcePlan | None = None, kept: Kept | None = None) -> None:
        self.issuer, self.told = Issuer(), Told()
        self.shelf = Shelf(str(path / "keys.json"), self.told.say)
        if kept is not None:
            self.shelf._kept[ISSUER] = kept
        self.source = Source(plan or KeySourcePlan(ISSUER), self.issuer, self.shelf, self.told)

    async def settle(self, looks: int) -> None:
        """So many looks are over."""
        await until(lambda: self.source.fetches >= looks and not self.source._is_fetching, f"{looks} looks")


def follow(case: Case, story: Callable[[Case], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        task = asyncio.ensure_future(case.source.follow())
        try:
            await story(case)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(run(), 20))


def test_keys_are_found_by_discovery_and_told(tmp_path: Path) -> None:
    async def story(case: Case) -> None:
        assert case.source.age() == float("inf")
        await case.settle(1)
        assert case.issuer.asked == [OPENID, KEYS]
        assert case.told.states == [(ONE.decode(), True)]
        assert case.source.age() < 5
        await until(lambda: Shelf(case.shelf.path, print).get(ISSUER) is not None, "they are in the file")

    follow(Case(tmp_path), story)


def test_by_the_way_of_oauth_where_that_of_openid_leads_nowhere(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.issuer.there[OAUTH] = case.issuer.there.pop(OPENID)

    async def story(case: Case) -> None:
        await case.settle(1)
        assert case.issuer.asked == [OPENID, OAUTH, KEYS]
        assert case.source.is_fresh

    follow(case, story)


def test_a_url_of_keys_needs_no_discovery(tmp_path: Path) -> None:
    async def story(case: Case) -> None:
        await case.settle(1)
        assert case.issuer.asked == [KEYS]

    follow(Case(tmp_path, KeySourcePlan("anybody", KEYS)), story)


def test_ten_thousand_names_that_nobody_has_are_one_look(tmp_path: Path) -> None:
    async def story(case: Case) -> None:
        await case.settle(1)
        answers: list[float] = []
        for _ in range(10_000):
            case.source.want(answers.append)
            if not len(answers) % 1000:
                await asyncio.sleep(0)
        await case.settle(2)
        await until(lambda: len(answers) == 10_000, "everybody is answered")
        assert case.issuer.asked == [OPENID, KEYS, KEYS]
        assert min(answers) > 25
        assert case.told.states == [(ONE.decode(), True)], "nothing new"

    follow(Case(tmp_path), story)


def test_a_new_key_is_told_before_the_answer(tmp_path: Path) -> None:
    async def story(case: Case) -> None:
        await case.settle(1)
        case.issuer.there[KEYS] = TWO
        seen: list[object] = []
        case.source.want(lambda _: seen.append(case.told.states[-1]))
        await case.settle(2)
        assert seen == [(TWO.decode(), True)]

    follow(Case(tmp_path), story)


def test_whoever_wants_just_before_the_look_begins_joins(tmp_path: Path) -> None:
    """Two workers meet the same new key: the second was told that it is nowhere, a moment before it came."""

    async def story(case: Case) -> None:
        await case.settle(1)
        case.issuer.there[KEYS] = TWO
        seen: list[object] = []
        case.source.want(lambda _: seen.append(case.told.states[-1]))
        case.source.want(lambda _: seen.append(case.told.states[-1]))
        await until(lambda: len(seen) == 2, "both are answered")
        assert seen == [(TWO.decode(), True)] * 2

    follow(Case(tmp_path), story)


def test_what_is_wanted_before_the_first_look_is_no_look_for_a_new_key(tmp_path: Path) -> None:
    case = Case(tmp_path)
    first: list[float] = []
    case.source.want(first.append)

    async def story(case: Case) -> None:
        await case.settle(1)
        assert len(first) == 1
        case.issuer.there[KEYS] = TWO
        seen: list[object] = []
        case.source.want(lambda _: seen.append(case.told.states[-1]))
        await until(lambda: bool(seen), "it is answered")
        assert seen == [(TWO.decode(), True)]

    follow(case, story)


def test_whoever_wants_while_it_is_looked_joins(tmp_path: Path) -> None:
    case = Case(tmp_path)

    async def story(case: Case) -> None:
        case.issuer.may_answer.clear()
        await until(lambda: bool(case.issuer.asked), "it looks")
        answers: list[float] = []
        case.source.want(answers.append)
        case.source.want(answers.append)
        assert answers == []
        case.issuer.may_answer.set()
        await case.settle(1)
        assert len(answers) == 2
        assert case.issuer.asked == [OPENID, KEYS]

    follow(case, story)


def test_an_issuer_that_is_down_is_asked_again_and_its_keys_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", (0.01, 0.02))

    async def story(case: Case) -> None:
        await case.settle(1)
        case.issuer.is_down = True
        answers: list[float] = []
        case.source.want(answers.append)
        await until(lambda: case.source.failures >= 3, "it was asked again")
        assert answers == [1.0], "soon"
        assert case.told.states == [(ONE.decode(), True), (ONE.decode(), False)]
        assert case.told.said == [f"issuer {ISSUER} is down: its last keys are used meanwhile"]
        case.issuer.is_down = False
        case.issuer.there[KEYS] = TWO
        await until(lambda: case.source.is_fresh, "it is back")
        assert case.told.states[2:] == [(TWO.decode(), True)]
        assert case.told.said[1:] == [f"{ISSUER} gives its keys again"]
        assert case.issuer.asked[-2:] == [OPENID, KEYS], "keys that were not there may be somewhere else"

    follow(Case(tmp_path), story)


def test_after_a_restart_the_last_keys_are_there_and_not_believed_to_be_all(tmp_path: Path) -> None:
    case = Case(tmp_path, kept=Kept(ONE.decode(), current()))
    case.issuer.is_down = True
    assert case.source.kept is not None
    assert not case.source.is_fresh

    async def story(case: Case) -> None:
        await case.settle(1)
        assert case.told.states == []
        case.issuer.is_down = False
        await until(lambda: case.source.is_fresh, "it is back")
        assert case.told.states == [(ONE.decode(), True)]

    follow(case, story)


def test_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", (0.01, 0.02))
    now = current()
    fetched = Moment(now.wall - KEPT_SECONDS + 0.5, now.monotonic - KEPT_SECONDS + 0.5, now.boot)
    case = Case(tmp_path, kept=Kept(ONE.decode(), fetched))
    case.issuer.is_down = True

    async def story(case: Case) -> None:
        await until(lambda: bool(case.told.states), "they are given up")
        assert case.told.states == [(None, False)]
        assert any("has not been heard for a day" in each for each in case.told.said)

    follow(case, story)


@pytest.mark.parametrize(
    ("metadata", "keys", "said"),
    [
        (b"<html>", ONE, "describes itself in no way that is understood"),
        (METADATA.replace(b"id.example", b"evil.example"), ONE, "says of itself"),
        (METADATA, b"<html>", "publishes keys that are none"),
        (METADATA, b'{"keys": []}', "publishes no key that could verify a token"),
    ],
)
def test_an_issuer_that_lies_is_not_believed(tmp_path: Path, metadata: bytes, keys: bytes, said: str) -> None:
    case = Case(tmp_path)
    case.issuer.there = {OPENID: metadata, KEYS: keys}

    async def story(case: Case) -> None:
        await case.settle(1)
        assert case.source.kept is None
        assert said in case.told.said[0]
        assert "its tokens can not be judged" in case.told.said[0]

    follow(case, story)


def test_a_fault_of_our_own_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", (0.01, 0.02))
    case = Case(tmp_path)
    case.issuer.there = None  # type: ignore[assignment]

    async def story(case: Case) -> None:
        await until(lambda: case.source.failures >= 2, "it was tried again")
        assert "could not be asked: TypeError" in case.told.said[0]
        case.issuer.there = {OPENID: METADATA, KEYS: ONE}
        await until(lambda: case.source.is_fresh, "it is well")

    follow(case, story)
