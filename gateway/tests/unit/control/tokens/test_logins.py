"""What a provider is asked, how often, and what its answers are taken for."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from moongate.control.tokens import logins as module
from moongate.control.tokens.documents import Metadata
from moongate.control.tokens.fetch import FetchFailed, Posted
from moongate.control.tokens.logins import Logins
from moongate.core.login_plans import ProviderPlan
from moongate.net.tasks import Tasks
from moongate.stores.provider import UNAVAILABLE, Answer, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

ISSUER = "https://id.example.com"
PLAN = ProviderPlan(ISSUER, "app", "s:cret/+ä")
CODE = Question(PLAN.name, "authorization_code", "c1", "https://app/oidc/callback", "v1")
REFRESH = Question(PLAN.name, "refresh_token", "r1")
METADATA = Metadata(f"{ISSUER}/keys", f"{ISSUER}/authorize", f"{ISSUER}/token")
GOOD = {"access_token": "a1", "id_token": "i1", "refresh_token": "r2", "expires_in": 300, "scope": "openid"}


class Provider:
    """control.tokens.logins.Poster: answers each question as the test says, once it may."""

    def __init__(self) -> None:
        self.answer: Posted | FetchFailed = posted(GOOD)
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def post(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Posted:
        self.asked.append((url, form, headers))
        await self.may_answer.wait()
        if isinstance(self.answer, FetchFailed):
            raise self.answer
        return self.answer


def posted(said: object, status: int = 200) -> Posted:
    return Posted(status, json.dumps(said).encode())


class Case:
    """``said`` is what people were told."""

    def __init__(self) -> None:
        self.provider = Provider()
        self.metadata: Metadata | None = METADATA
        self.said: list[str] = []
        self.tasks = Tasks()
        self.logins = Logins(lambda: self.provider, lambda issuer: self.metadata, self.said.append)
        self.logins.providers = {PLAN.name: PLAN}

    def ask(self, question: Question) -> asyncio.Future[Answer]:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.logins.ask(question, answer.set_result, self.tasks)
        return answer


def tell(story: Callable[[Case], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        case = Case()
        try:
            await story(case)
        finally:
            await case.tasks.cancel()

    asyncio.run(asyncio.wait_for(run(), 20))


def test_a_code_becomes_tokens_of_which_the_access_token_stays_here() -> None:
    async def story(case: Case) -> None:
        answer = await case.ask(CODE)
        assert answer == ("granted", ("i1", "r2", 300.0, "openid"))
        ((url, form, headers),) = case.provider.asked
        assert url == f"{ISSUER}/token"
        assert form == {
            "grant_type": "authorization_code",
            "code": "c1",
            "redirect_uri": "https://app/oidc/callback",
            "code_verifier": "v1",
        }
        scheme, _, pair = headers["Authorization"].partition(" ")
        assert (scheme, base64.b64decode(pair)) == ("Basic", b"app:s%3Acret%2F%2B%C3%A4")
        assert case.said == []

    tell(story)


def test_a_provider_that_wants_the_secret_in_the_form() -> None:
    async def story(case: Case) -> None:
        case.metadata = METADATA._replace(takes_basic=False)
        await case.ask(REFRESH)
        ((_, form, headers),) = case.provider.asked
        assert headers == {}
        assert form == {
            "grant_type": "refresh_token",
            "refresh_token": "r1",
            "client_id": "app",
            "client_secret": PLAN.client_secret,
        }

    tell(story)


def test_however_many_ask_the_provider_is_asked_once() -> None:
    async def story(case: Case) -> None:
        case.provider.may_answer.clear()
        waiting = [case.ask(REFRESH) for _ in range(50)]
        await asyncio.sleep(0)
        case.provider.may_answer.set()
        assert len(set(await asyncio.gather(*waiting))) == 1
        assert await case.ask(REFRESH) == waiting[0].result(), "nor a moment later, with the cookie of before"
        assert len(case.provider.asked) == 1
        await case.ask(REFRESH._replace(value="another"))
        assert len(case.provider.asked) == 2

    tell(story)


def test_a_code_is_asked_about_each_time() -> None:
    async def story(case: Case) -> None:
        await case.ask(CODE)
        case.provider.answer = posted({"error": "invalid_grant"}, 400)
        assert (await case.ask(CODE)).result == "refused"
        assert case.logins._kept == {}

    tell(story)


def test_answers_are_kept_for_a_while_and_not_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: clock[0])

    async def story(case: Case) -> None:
        await case.ask(REFRESH)
        clock[0] = module.KEPT_SECONDS - 0.1
        await case.ask(REFRESH)
        assert len(case.provider.asked) == 1
        clock[0] = module.KEPT_SECONDS
        case.provider.answer = FetchFailed("is down")
        assert await case.ask(REFRESH) == UNAVAILABLE
        clock[0] += module.QUIET_SECONDS - 0.1
        assert await case.ask(REFRESH) == UNAVAILABLE
        assert len(case.provider.asked) == 2, "a provider that is down is not asked by every request"
        clock[0] += 0.1
        case.provider.answer = posted(GOOD)
        assert (await case.ask(REFRESH)).result == "granted"
        case.provider.answer = posted({**GOOD, "refresh_token": "again"})
        again = REFRESH._replace(value="again")
        await case.ask(again)
        clock[0] += module.QUIET_SECONDS
        await case.ask(again)
        assert len(case.provider.asked) == 5, "what is good again is asked about again"
        for number in range(module.MAX_KEPT + 10):
            await case.ask(REFRESH._replace(value=str(number)))
        assert len(case.logins._kept) == module.MAX_KEPT
        clock[0] += module.KEPT_SECONDS
        await case.ask(again)
        assert len(case.logins._kept) == 1, "nobody's tokens stay for long"

    tell(story)


def test_no_more_are_asked_at_a_time_than_there_is_room_for() -> None:
    async def story(case: Case) -> None:
        case.provider.may_answer.clear()
        waiting = [case.ask(REFRESH._replace(value=str(number))) for number in range(module.MAX_FLIGHTS)]
        assert await case.ask(REFRESH) == UNAVAILABLE
        case.provider.may_answer.set()
        assert {answer.result for answer in await asyncio.gather(*waiting)} == {"granted"}
        assert case.logins._flights == {}

    tell(story)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (posted({"error": "invalid_grant"}, 400), "refused"),
        (posted({"error": "invalid_grant"}, 401), "refused"),
        (posted({"id_token": "i", "expires_in": "300", "refresh_token": None}), "granted"),
        (posted({"id_token": "i", "expires_in": "soon"}), "granted"),
        (posted({"id_token": "i", "expires_in": -1}), "granted"),
        (posted({}), "granted"),
    ],
)
def test_answers_that_are_ones(answer: Posted, result: str) -> None:
    async def story(case: Case) -> None:
        case.provider.answer = answer
        assert (await case.ask(CODE)).result == result
        assert case.said == []

    tell(story)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(300, 300.0), ("300", 300.0), ("soon", 0.0), (-1, 0.0), ("nan", 0.0), ("inf", 0.0), ("1e999", 0.0)],
)
def test_how_long_a_token_is_good_for(said: object, seconds: float) -> None:
    async def story(case: Case) -> None:
        case.provider.answer = posted({"id_token": "i", "expires_in": said})
        assert (await case.ask(CODE)).granted.expires_in == seconds

    tell(story)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            posted({"error": "invalid_client"}, 401),
            "refuses the gateway (invalid_client); see client_id and client_secret",
        ),
        (posted({"error": "unsupported_grant_type"}, 400), "refuses the gateway (unsupported_grant_type)"),
        (posted({"error": "\x1b[31m c1"}, 400), "refuses the gateway (something else than RFC 6749 knows)"),
        (posted({}, 500), "answers 500 where a login ends"),
        (posted({}, 302), "answers 302 where a login ends"),
        (Posted(200, b"<html>"), "answers in no way that is understood"),
        (Posted(400, b"<html>"), "answers in no way that is understood"),
        (Posted(200, b"[" * 99999), "answers in no way that is understood"),
        (posted({"id_token": 7}), "answers in no way that is understood"),
        (posted({"id_token": "i" * 9000}), "gives tokens of more than 8 KiB"),
        (FetchFailed("did not answer within 5 s"), "did not answer within 5 s"),
    ],
)
def test_what_is_a_matter_for_operators(answer: Posted | FetchFailed, told: str) -> None:
    async def story(case: Case) -> None:
        case.provider.answer = answer
        for _ in range(2):
            assert await case.ask(CODE) == UNAVAILABLE
        (line,) = case.said
        assert line.startswith(f"provider {ISSUER} {told}")
        assert "c1" not in line
        case.provider.answer = posted(GOOD)
        await case.ask(CODE)
        case.provider.answer = answer
        await case.ask(CODE)
        assert len(case.said) == 2, "it is told again where it happens again"

    tell(story)


def test_providers_that_are_not_there() -> None:
    async def story(case: Case) -> None:
        assert await case.ask(CODE._replace(provider="another")) == UNAVAILABLE
        case.metadata = None
        assert await case.ask(CODE) == UNAVAILABLE
        case.metadata = METADATA._replace(token_endpoint="")
        assert await case.ask(CODE) == UNAVAILABLE
        assert case.said == [
            f"provider {ISSUER} names no endpoints for logins that are reached over https: nobody can log in there"
        ]
        assert case.provider.asked == []

    tell(story)


def test_a_fault_of_ours_leaves_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    async def story(case: Case) -> None:
        case.provider.answer = None  # type: ignore[assignment]
        assert await case.ask(CODE) == UNAVAILABLE
        assert case.logins._flights == {}

    tell(story)
