"""Several methods, one answer; and what is remembered of it."""

import asyncio
import pickle
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway_harness.exchanges import exchange_of, sent_fields
from gateway_harness.key_holders import HeldKeys, HeldSigningKey, signing_key
from gateway_harness.known_accounts import KnownAccounts, later, now_of
from moongate.core.edits import FieldEdits
from moongate.core.exchange import Exchange, Identity
from moongate.core.limits import FAILED_CREDENTIALS
from moongate.core.message import RequestHead
from moongate.filters import Refusal, Response, Tools, Verdict
from moongate.filters.api_key import ApiKeyPlan
from moongate.filters.authenticate import (
    INVALID,
    UNAVAILABLE,
    Authenticate,
    AuthenticatePlan,
    Found,
    Method,
    Proof,
)

BAD = Refusal(INVALID, "bad")
DOWN = Refusal(UNAVAILABLE, "down")


@dataclass
class SaidMethod:
    """Says what it was told to; ``calls`` counts."""

    found: Found
    waits: bool = False
    challenge: bytes = b"Bearer"
    carriers: frozenset[bytes] = frozenset()
    calls: list[Exchange] = field(default_factory=list)
    kind = "said"

    def bind(self, tools: Tools) -> Method:
        return self

    def describe(self) -> dict[str, Any]:
        return {}

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]:
        self.calls.append(exchange)
        return self._later() if self.waits else self.found

    async def _later(self) -> Found:
        await asyncio.sleep(0)
        return self.found


class QueryMethod(SaidMethod):
    """Takes what the query says under a name."""

    query = b"key"


@dataclass
class InvitingMethod(SaidMethod):
    """Has an ``invitation`` for whoever shows nothing."""

    invitation: Response | Refusal | None = None

    def invite(self, exchange: Exchange, /) -> Response | Refusal | None:
        return self.invitation


def proof(carrier: bytes = b"authorization", until: float = float("inf"), query: bytes | None = None) -> Proof:
    return Proof(Identity("cl_1", "said", frozenset(("read",))), carrier, until, query)


def step(*methods: SaidMethod, accounts: KnownAccounts | None = None, **settings: bool) -> Authenticate:
    tools = Tools(accounts=accounts, seconds=lambda: 1000.0)
    bound = AuthenticatePlan(tuple(methods), **settings).bind(tools)
    assert isinstance(bound, Authenticate)
    return bound


def reason(verdict: Verdict) -> str | None:
    assert verdict is None or isinstance(verdict, Refusal)
    return None if verdict is None else verdict.reason


@pytest.mark.parametrize(
    ("found", "anonymous", "refused"),
    [
        ((None, proof()), False, None),
        ((BAD, proof()), False, None),
        ((DOWN, proof()), False, None),
        ((None, None), False, "no_credential"),
        ((None, None), True, None),
        ((BAD, None), False, "bad"),
        ((BAD, None), True, "bad"),
        ((BAD, DOWN), False, "down"),
        ((DOWN, BAD), False, "down"),
        ((DOWN, None), True, "down"),
    ],
)
@pytest.mark.parametrize("waits", [False, True])
def test_any_method_will_do_and_a_wrong_credential_is_never_nobody(
    found: tuple[Found, ...], anonymous: bool, refused: str | None, waits: bool
) -> None:
    one = step(*(SaidMethod(each, waits) for each in found), allows_anonymous=anonymous)
    exchange = exchange_of()
    assert reason(asyncio.run(later(one(exchange)))) == refused
    assert (exchange.identity is not None) is any(isinstance(each, Proof) for each in found)


def test_a_refusal_names_the_ways_in() -> None:
    one = step(SaidMethod(None), SaidMethod(None, challenge=b'Basic realm="a"'), SaidMethod(None))
    verdict = now_of(one(exchange_of()))
    assert verdict.failure.code == "credentials_missing"
    assert verdict.fields == ((b"WWW-Authenticate", b"Bearer"), (b"WWW-Authenticate", b'Basic realm="a"'))
    wrong = now_of(step(SaidMethod(BAD))(exchange_of()))
    assert (wrong.failure.status, wrong.fields) == (401, ((b"WWW-Authenticate", b"Bearer"),))
    down = now_of(step(SaidMethod(DOWN))(exchange_of()))
    assert (down.failure.status, down.fields) == (503, ())


def test_the_service_is_told_who_calls_and_not_by_which_secret() -> None:
    exchange = exchange_of(b"Authorization: Bearer x", b"X-Other: 1")
    assert now_of(step(SaidMethod(proof()))(exchange)) is None
    assert sent_fields(exchange) == (
        b"X-Other: 1\r\nX-Client-Id: cl_1\r\nX-Client-Credential: said\r\nX-Client-Scopes: read\r\n"
    )
    kept = exchange_of(b"Authorization: Bearer x")
    now_of(step(SaidMethod(proof()), forwards=True)(kept))
    assert sent_fields(kept).startswith(b"Authorization: Bearer x\r\nX-Client-Id: cl_1\r\n")


def test_a_service_is_told_of_one_caller_whoever_was_found_in_front() -> None:
    exchange = exchange_of(b"Authorization: Bearer x")
    exchange.edit(FieldEdits(frozenset(), b"X-Client-Id: other\r\nX-Client-Token: ey\r\nX-Groups: a\r\n"))
    assert now_of(step(SaidMethod(proof()))(exchange)) is None
    said = b"X-Client-Id: cl_1\r\nX-Client-Credential: said\r\nX-Client-Scopes: read\r\n"
    assert sent_fields(exchange) == b"X-Groups: a\r\n" + said


def test_a_section_that_is_the_same_is_not_judged_again() -> None:
    method = SaidMethod(proof())
    one = step(method)
    first = exchange_of()
    now_of(one(first))
    again = Exchange(b"id-2", 1, first.head, "192.0.2.7", first.started + 0.9)
    assert now_of(one(again)) is None
    assert len(method.calls) == 1
    assert again.identity is first.identity
    assert again.edits is first.edits


@pytest.mark.parametrize("why", ["later", "news", "expired", "another", "in the query"])
def test_and_is_judged_again_when_anything_may_be_different(why: str) -> None:
    accounts = KnownAccounts()
    method = SaidMethod(
        proof(until=1000.5 if why == "expired" else float("inf"), query=b"" if why == "in the query" else None)
    )
    one = step(method, accounts=accounts)
    first = exchange_of()
    now_of(one(first))
    if why == "news":
        accounts.version += 1
    if why == "another":
        one = step(method, accounts=accounts)
    passed = {"later": 1.0, "expired": 0.6}.get(why, 0.1)
    now_of(one(Exchange(b"id-2", 1, first.head, "192.0.2.7", first.started + passed)))
    assert len(method.calls) == 2


def test_a_key_from_the_query_that_goes_on_lets_in_no_request_without_it() -> None:
    method = SaidMethod(proof(b"", query=b""))
    one = step(method, forwards=True)
    first = exchange_of(target=b"/?key=1")
    assert now_of(one(first)) is None
    assert first.query is None
    assert first.head is not None
    method.found = None
    bare = RequestHead(b"GET", b"/", b"", first.head.section)
    assert reason(now_of(one(Exchange(b"id-2", 1, bare, "192.0.2.7", first.started)))) == "no_credential"


def test_what_accounts_says_while_somebody_is_asked_counts() -> None:
    accounts = KnownAccounts()

    class Overtaken(SaidMethod):
        async def _later(self) -> Found:
            accounts.version += 1
            return self.found

    method = Overtaken(proof(), waits=True)
    one = step(method, accounts=accounts)
    first = exchange_of()
    asyncio.run(later(one(first)))
    asyncio.run(later(one(Exchange(b"id-2", 1, first.head, "192.0.2.7", first.started))))
    assert len(method.calls) == 2


def test_a_key_from_the_query_goes_no_further() -> None:
    exchange = exchange_of(target=b"/a?key=1&b=2")
    now_of(step(SaidMethod(proof(b"", query=b"?b=2")))(exchange))
    assert exchange.query == b"?b=2"


def test_no_other_credential_goes_on_than_the_one_that_was_judged() -> None:
    twice = (b"Authorization: Bearer good", b"authorization: Bearer forged")
    method = SaidMethod(proof())
    refused = now_of(step(method, forwards=True)(exchange_of(*twice)))
    assert (refused.failure.status, refused.reason) == (401, "credential_twice")
    dropped = exchange_of(*twice)
    assert now_of(step(method)(dropped)) is None
    assert b"forged" not in sent_fields(dropped)
    method.found = proof()._replace(companion=b"signature-input")
    assert now_of(step(method, forwards=True)(exchange_of(*twice))) is None


def test_no_credential_that_another_method_takes_goes_on_beside_the_one_that_was_judged() -> None:
    key, token = SaidMethod(proof(b"x-api-key"), carriers=frozenset((b"x-api-key",))), SaidMethod(None)
    token.carriers = frozenset((b"authorization",))
    shown = (b"X-API-Key: k", b"Authorization: Bearer t", b"X-Other: 1")
    exchange = exchange_of(*shown)
    assert now_of(step(key, token)(exchange)) is None
    assert sent_fields(exchange).startswith(b"X-Other: 1\r\nX-Client-Id")
    key.found = proof(b"x-api-key")
    alone = exchange_of(*shown)
    assert now_of(step(key)(alone)) is None
    assert b"Authorization: Bearer t" in sent_fields(alone), "it may be the service's own"
    key.found = proof(b"x-api-key")
    kept = exchange_of(*shown)
    assert now_of(step(key, token, forwards=True)(kept)) is None
    assert sent_fields(kept).startswith(b"X-API-Key: k\r\nAuthorization: Bearer t")


class TestKeysBesideOthers:
    """A key where `authenticate` would take one, next to the credential that was judged."""

    KEYS = (b"mg_live_k1_" + b"a" * 40, b"mg_live_k2_" + b"b" * 40)

    def step(self, *others: SaidMethod, forwards: bool = False) -> Authenticate:
        plan = AuthenticatePlan((*others, ApiKeyPlan(query=b"key")), forwards=forwards)
        bound = plan.bind(Tools(accounts=KnownAccounts(), seconds=lambda: 1000.0))
        assert isinstance(bound, Authenticate)
        return bound

    def test_one_in_the_query_does_not_go_on(self) -> None:
        target = b"/a?key=" + self.KEYS[0] + b"&b=2&%6Bey=x"
        one = self.step(SaidMethod(proof()))
        first = exchange_of(b"Authorization: Bearer t", target=b"/a?b=1")
        assert now_of(one(first)) is None
        assert first.query is None
        assert first.head is not None
        again = RequestHead(b"GET", b"/a", target[2:], first.head.section)  # what was proved is remembered by then
        for exchange in (exchange_of(target=target), Exchange(b"id-2", 1, again, "192.0.2.7", first.started)):
            assert now_of(one(exchange)) is None
            assert exchange.query == b"?b=2"
        kept = exchange_of(target=target)
        assert now_of(self.step(SaidMethod(proof()), forwards=True)(kept)) is None
        assert kept.query is None

    def test_one_in_the_query_counts_before_what_is_remembered_of_the_fields(self) -> None:
        token = SaidMethod(proof())
        plan = AuthenticatePlan((ApiKeyPlan(query=b"key"), token))
        one = plan.bind(Tools(accounts=KnownAccounts(), seconds=lambda: 1000.0))
        first = exchange_of(b"Authorization: Bearer t")
        assert now_of(one(first)) is None
        assert first.head is not None
        head = RequestHead(b"GET", b"/", b"?key=wrong", first.head.section)
        assert now_of(one(Exchange(b"id-2", 1, head, "192.0.2.7", first.started))) is None
        assert len(token.calls) == 2

    def test_what_a_filter_in_front_made_of_the_query_stays(self) -> None:
        exchange = exchange_of(target=b"/?key=1&b=2&secret=3")
        exchange.query = b"?key=1&b=2"
        assert now_of(step(QueryMethod(proof(b"", query=b"?b=2&secret=3")))(exchange)) is None
        assert exchange.query == b"?b=2"

    def test_no_second_one_goes_on_beside_the_one_that_was_judged(self) -> None:
        for target, refused in ((b"/?key=1&b=2", None), (b"/?key=1&b=2&k%65y=x", "credential_twice")):
            method = QueryMethod(proof(b"", query=b"?b=2"))
            assert reason(now_of(step(method, forwards=True)(exchange_of(target=target)))) == refused
            dropped = exchange_of(target=target)
            assert now_of(step(method)(dropped)) is None
            assert dropped.query == b"?b=2"

    def test_one_in_authorization_does_not_go_on(self) -> None:
        for value, goes_on in ((b"bearer  " + self.KEYS[1], False), (b"Basic eA==", True), (b"Bearer t", True)):
            exchange = exchange_of(b"X-Mine: 1", b"Authorization: " + value)
            assert now_of(self.step(SaidMethod(proof(b"x-mine")))(exchange)) is None
            assert (value in sent_fields(exchange)) is goes_on


def test_a_plan_travels_and_describes_itself() -> None:
    plan = AuthenticatePlan((ApiKeyPlan(),), allows_anonymous=True, forwards=True)
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert plan.describe() == {
        "methods": [{"api_key": {"header": "x-api-key"}}],
        "anonymous": "allow",
        "forward_credentials": True,
    }


class TestIdentityTokens:
    def step(self, signing: HeldSigningKey | None, *, has_fields: bool) -> Authenticate:
        plan = AuthenticatePlan((SaidMethod(proof()),), has_fields=has_fields, vouches_to="orders")
        bound = plan.bind(Tools(signing=signing, seconds=lambda: 1000.0))
        assert isinstance(bound, Authenticate)
        return bound

    @pytest.mark.parametrize("has_fields", [True, False])
    def test_a_token_goes_beside_the_fields_or_instead(self, has_fields: bool) -> None:
        exchange = exchange_of(b"Authorization: Bearer x", b"X-Client-Token: forged")
        assert now_of(self.step(HeldSigningKey(signing_key()), has_fields=has_fields)(exchange)) is None
        sent = sent_fields(exchange)
        assert sent.count(b"X-Client-Token: ey") == 1
        assert b"forged" not in sent
        assert (b"X-Client-Id: cl_1" in sent) == has_fields

    def test_without_a_key_nobody_is_let_through_unproved(self) -> None:
        found = now_of(self.step(HeldSigningKey(None), has_fields=True)(exchange_of()))
        assert (found.failure.status, found.reason) == (503, "no_signing_key")

    def test_somebody_has_to_keep_keys(self) -> None:
        with pytest.raises(ValueError, match="there is no key here"):
            self.step(None, has_fields=True)


def test_other_keys_of_issuers_void_what_is_remembered() -> None:
    keys = HeldKeys()
    one = SaidMethod(proof())
    bound = AuthenticatePlan((one,)).bind(Tools(key_sets=keys, seconds=lambda: 1000.0))
    exchange = exchange_of(b"Authorization: Bearer x")
    now_of(bound(exchange))
    now_of(bound(exchange))
    assert len(one.calls) == 1
    keys.hold("https://a", b"{}")
    now_of(bound(exchange))
    assert len(one.calls) == 2


def test_whoever_is_wrong_too_often_is_told_to_wait_and_whoever_is_right_is_not() -> None:
    tools = Tools(seconds=lambda: 1000.0)
    wrong, right = (AuthenticatePlan(methods).bind(tools) for methods in ((SaidMethod(BAD),), (SaidMethod(proof()),)))
    codes = [now_of(wrong(exchange_of())).failure.code for _ in range(FAILED_CREDENTIALS + 1)]
    assert codes == ["credentials_invalid"] * FAILED_CREDENTIALS + ["rate_limited"]
    again = now_of(wrong(exchange_of()))
    assert (again.failure.status, again.reason, again.fields) == (429, "bad", ((b"Retry-After", b"3"),))
    assert now_of(right(exchange_of())) is None
    elsewhere = exchange_of()
    elsewhere.remote = "192.0.2.8"
    assert now_of(wrong(elsewhere)).failure.status == 401


def test_nobody_is_told_to_wait_for_showing_nothing_or_for_what_nobody_can_say() -> None:
    tools = Tools(seconds=lambda: 1000.0)
    for found, status in ((None, 401), (DOWN, 503)):
        bound = AuthenticatePlan((SaidMethod(found),)).bind(tools)
        assert {now_of(bound(exchange_of())).failure.status for _ in range(100)} == {status}


def test_whoever_shows_nothing_is_invited_and_nobody_else() -> None:
    sent = Response(302)
    inviting = InvitingMethod(None, invitation=sent)
    assert now_of(step(SaidMethod(None), inviting)(exchange_of())) is sent
    assert reason(now_of(step(inviting, SaidMethod(BAD))(exchange_of()))) == "bad"
    assert now_of(step(inviting, SaidMethod(proof()))(exchange_of())) is None
    assert now_of(step(inviting, allows_anonymous=True)(exchange_of())) is None
    inviting.invitation = None
    assert reason(now_of(step(inviting)(exchange_of()))) == "no_credential"
    waits = step(inviting, SaidMethod(None, waits=True))
    inviting.invitation = sent
    assert asyncio.run(later(waits(exchange_of()))) is sent
