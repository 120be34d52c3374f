"""Issuers and signing keys that come and go with the config."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway_harness.controlling import until
from gateway_harness.scripted_issuer import METADATA, ScriptedIssuer, answers, hangs
from moongate.control.accounts.place import PlaceInvalid
from moongate.control.tokens import keeper
from moongate.control.tokens.keeper import TokenKeys
from moongate.core.login_plans import LoginsPlan, ProviderPlan
from moongate.core.token_plans import KeySourcePlan, SigningPlan, TokensPlan
from moongate.stores.keys import mark_of
from moongate.stores.provider import UNAVAILABLE, Answer, Granted, Question
from moongate.worker import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Any


def plan_of(directory: Path, *issuers: ScriptedIssuer, signs: bool = False) -> TokensPlan:
    sources = tuple(KeySourcePlan(issuer.url) for issuer in issuers)
    signing = SigningPlan("moongate", str(directory / "signing.json"), 3600.0) if signs else None
    return TokensPlan(str(directory / "keys.json"), sources, signing)


def run(story: Callable[[TokenKeys, list[messages.TokenOrder], list[str]], Coroutine[Any, Any, None]]) -> None:
    async def keep() -> None:
        told: list[messages.TokenOrder] = []
        said: list[str] = []
        keys = TokenKeys(told.append, said.append)
        try:
            await story(keys, told, said)
        finally:
            await keys.close()

    asyncio.run(asyncio.wait_for(keep(), 30))


def held(told: list[messages.TokenOrder], issuer: ScriptedIssuer) -> bool:
    return any(isinstance(each, messages.KeysHeld) and each.source == issuer.url and each.is_fresh for each in told)


def test_without_tokens_nothing_runs() -> None:
    async def story(keys: TokenKeys, told: list[messages.TokenOrder], said: list[str]) -> None:
        TokenKeys.judge(None)
        await keys.begin(None)
        keys.keep(None)
        keys.greet(told.append)
        keys.heard(messages.KeysWanted("https://nobody"), told.append)
        assert (told, said, keys.states()) == ([], [], {})

    run(story)


def test_logins_that_come_and_go(tmp_path: Path) -> None:
    async def story(keys: TokenKeys, told: list[messages.TokenOrder], said: list[str]) -> None:
        with ScriptedIssuer() as issuer:
            issuer.metadata["authorization_endpoint"] = issuer.url + "/authorize"
            issuer.metadata["token_endpoint"] = issuer.url + "/token"
            issuer.faults["/token"] = answers(b'{"id_token": "i1", "access_token": "a1"}')
            provider = ProviderPlan(issuer.url, "app", "hush")
            plan = with_logins(plan_of(tmp_path, issuer), LoginsPlan(str(tmp_path / "s.json"), (), (provider,)))
            TokenKeys.judge(plan)
            await keys.begin(plan)
            keys.keep(plan)
            await until(lambda: messages.ProviderHeld in map(type, told), "what the provider says of itself")
            sealed = next(each for each in told if isinstance(each, messages.SessionKeysHeld))
            late: list[messages.TokenOrder] = []
            keys.greet(late.append)
            assert {type(each) for each in late} == {
                messages.KeysHeld,
                messages.ProviderHeld,
                messages.SessionKeysHeld,
            }
            answered: list[messages.TokenOrder] = []
            question = Question(provider.name, "authorization_code", "c1", "http://a/cb", "v1")
            keys.heard(messages.LoginAsked(7, question), answered.append)
            await until(lambda: answered, "the answer")
            assert answered == [messages.LoginAnswered(7, Answer("granted", Granted("i1")))]

            other = ProviderPlan(issuer.url, "other", "hush")
            secret = with_logins(plan, LoginsPlan("", ("s" * 32,), (other,)))
            await keys.begin(secret)
            assert told[-1] != sealed
            for each in (provider, other):  # until it is served, both are
                keys.heard(messages.LoginAsked(8, question._replace(provider=each.name)), answered.append)
            await until(lambda: len(answered) == 3, "the answers")
            results = [each.answer.result for each in answered if isinstance(each, messages.LoginAnswered)]
            assert results == ["granted"] * 3
            keys.abandon()
            assert told[-1] == sealed, "as before"
            keys.heard(messages.LoginAsked(9, question._replace(provider=other.name)), answered.append)
            assert answered[-1] == messages.LoginAnswered(9, UNAVAILABLE)
            keys.keep(None)
            keys.heard(messages.LoginAsked(10, question), answered.append)
            assert answered[-1] == messages.LoginAnswered(10, UNAVAILABLE)
            assert said == []

    run(story)


def test_a_key_for_sessions_that_can_not_be_kept_is_told_before(tmp_path: Path) -> None:
    (tmp_path / "s.json").mkdir()
    plan = with_logins(plan_of(tmp_path), LoginsPlan(str(tmp_path / "s.json")))
    with pytest.raises(PlaceInvalid, match="the key for sessions"):
        TokenKeys.judge(plan)


def with_logins(plan: TokensPlan, logins: LoginsPlan) -> TokensPlan:
    return replace(plan, logins=logins)


def test_issuers_that_come_and_go(tmp_path: Path) -> None:
    async def story(keys: TokenKeys, told: list[messages.TokenOrder], said: list[str]) -> None:
        with ScriptedIssuer() as one, ScriptedIssuer() as other:
            await keys.begin(plan_of(tmp_path, one))
            keys.keep(plan_of(tmp_path, one))
            await until(lambda: held(told, one), "the keys of one")

            await keys.begin(plan_of(tmp_path, one, other))
            await until(lambda: held(told, other), "the keys of the other, before it is served")
            keys.abandon()
            assert told[-1] == messages.KeysGone(other.url)
            assert one.fetches() == 1, "the first was left alone"

            late: list[messages.TokenOrder] = []
            keys.greet(late.append)
            assert [type(each) for each in late] == [messages.KeysHeld]
            state = keys.states()[one.url]
            assert (state.is_fresh, state.fetches, state.failures) == (True, 1, 0)
            assert state.age < 10

            behind: list[messages.TokenOrder] = []
            keys.heard(messages.KeysWanted(one.url), behind.append)
            assert behind == [late[0], messages.KeysAnswered(one.url, 0.0)]
            assert one.fetches() == 1, "nobody looks for what is there"

            answers: list[messages.TokenOrder] = []
            assert isinstance(late[0], messages.KeysHeld)
            keys.heard(messages.KeysWanted(one.url, mark_of(late[0].document.encode())), answers.append)
            await until(lambda: bool(answers), "an answer")
            assert isinstance(answers[0], messages.KeysAnswered)
            assert one.fetches() == 2

            keys.keep(None)
            assert told[-1] == messages.KeysGone(one.url)
            assert keys.states() == {}
        assert said == []

    run(story)


def test_keys_to_sign_with(tmp_path: Path) -> None:
    async def story(keys: TokenKeys, told: list[messages.TokenOrder], said: list[str]) -> None:
        plan = plan_of(tmp_path, signs=True)
        TokenKeys.judge(plan)
        await keys.begin(plan)
        keys.keep(plan)
        (order,) = told
        assert isinstance(order, messages.SigningKeyHeld)
        late: list[messages.TokenOrder] = []
        keys.greet(late.append)
        assert late == [order]
        await keys.begin(plan)
        assert told == [order], "the same goes on"

    run(story)


def test_where_keys_can_not_be_kept_nothing_is_begun() -> None:
    plan = TokensPlan("keys.json", (), SigningPlan("moongate", "/proc/signing.json", 3600.0))
    with pytest.raises(PlaceInvalid):
        TokenKeys.judge(plan)


def test_an_issuer_that_hangs_holds_nobody_up_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "FIRST_SECONDS", 0.05)

    async def story(keys: TokenKeys, told: list[messages.TokenOrder], said: list[str]) -> None:
        with ScriptedIssuer() as issuer:
            issuer.faults[METADATA] = hangs
            await asyncio.wait_for(keys.begin(plan_of(tmp_path, issuer, signs=True)), 5)
            assert [type(each) for each in told] == [messages.SigningKeyHeld]

    run(story)
