"""Sessions as a route meets them: who is let in, who is not, and who is asked about again."""

from __future__ import annotations

import asyncio
import os
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway_harness.exchanges import exchange_of, sent_fields
from gateway_harness.held_logins import NAVIGATES, HeldLogins, cookies, location, oidc_plan
from gateway_harness.known_accounts import KnownAccounts, client_record, later, now_of
from moongate.filters import Refusal, Response, Tools
from moongate.filters.authenticate import Authenticate, AuthenticatePlan, Proof
from moongate.filters.oidc import GRACE_SECONDS
from moongate.filters.oidc_login import LOGIN_SECONDS, MAX_ATTEMPTS
from moongate.filters.oidc_seal import Sealer, Session
from moongate.stores.provider import UNAVAILABLE, Answer, Granted


def show(logins: HeldLogins, *lines: bytes, method: bytes = b"GET") -> Any:
    return now_of(logins.method(exchange_of(*lines, method=method)))


def test_whoever_has_logged_in_is_known() -> None:
    logins = HeldLogins()
    logins.claims = {"groups": ["staff"]}
    cookie = logins.log_in()
    proof = show(logins, cookie)
    assert isinstance(proof, Proof)
    assert (proof.identity.client, proof.identity.credential) == ("ada", "oidc")
    assert proof.identity.scopes == {"openid", "email"}
    assert proof.identity.claims["groups"] == ["staff"]
    assert proof.until == logins.now + 3600


def test_whoever_has_not_shows_nothing() -> None:
    logins = HeldLogins()
    cookie = logins.log_in()
    for line in (
        b"X: 1",
        b"Cookie: a=1",
        cookie[:-2] + b"AA",
        cookie.replace(logins.plan.name.encode(), b"another"),
        cookie.replace(b"moongate-session", b"__Host-moongate-session"),
        b"Cookie: moongate-session-" + logins.plan.name.encode() + b"=",
    ):
        assert show(logins, line) is None
    logins.now += 3600
    assert show(logins, cookie) is None, "it is over"
    logins.now -= 3600
    logins.keys = ()
    assert show(logins, cookie) is None, "nobody can open it"


def test_a_session_of_another_provider_is_none() -> None:
    logins, other = HeldLogins(), HeldLogins(oidc_plan(client_id="other"))
    other.keys = logins.keys
    cookie = logins.log_in().replace(logins.plan.name.encode(), other.plan.name.encode())
    assert show(other, cookie) is None


@pytest.mark.parametrize(
    ("method", "lines", "let_in"),
    [
        (b"POST", (), True),
        (b"POST", (b"Origin: http://a.test",), True),
        (b"POST", (b"Origin: http://evil.test",), False),
        (b"DELETE", (b"Sec-Fetch-Site: same-site",), False),
        (b"PUT", (b"Sec-Fetch-Site: same-origin",), True),
        (b"GET", (b"Sec-Fetch-Site: cross-site",), True),
        (b"OPTIONS", (b"Origin: http://evil.test",), True),
        (b"GET", (b"Origin: http://evil.test", b"Connection: upgrade", b"Upgrade: websocket"), False),
        (b"GET", (b"Origin: http://a.test", b"Connection: upgrade", b"Upgrade: websocket"), True),
    ],
)
def test_no_other_site_acts_in_somebodys_name(method: bytes, lines: tuple[bytes, ...], let_in: bool) -> None:
    logins = HeldLogins()
    found = show(logins, logins.log_in(), *lines, method=method)
    if let_in:
        assert isinstance(found, Proof)
    else:
        assert isinstance(found, Refusal)
        assert (found.failure.status, found.reason) == (403, "oidc_cross_site")


def test_what_another_site_may_read_is_no_word_about_the_next_request() -> None:
    logins = HeldLogins()
    cookie = logins.log_in()
    step = AuthenticatePlan((logins.plan,)).bind(logins.tools)
    lines = (cookie, b"Sec-Fetch-Site: cross-site")
    read = exchange_of(*lines)
    assert now_of(step(read)) is None
    change = exchange_of(*lines, method=b"DELETE")
    assert read.head is not None
    assert change.head is not None
    change.head.section = read.head.section  # the same field lines on the same connection
    verdict = now_of(step(change))
    assert isinstance(verdict, Refusal)
    assert verdict.reason == "oidc_cross_site"


class TestAmongOtherMethods:
    """As one of several."""

    def step(self, logins: HeldLogins, **settings: Any) -> Authenticate:
        bound = AuthenticatePlan((logins.plan,), **settings).bind(logins.tools)
        assert isinstance(bound, Authenticate)
        return bound

    def test_a_person_is_sent_to_the_provider_and_a_program_told(self) -> None:
        step = self.step(HeldLogins())
        sent = now_of(step(exchange_of(*NAVIGATES)))
        assert isinstance(sent, Response)
        assert sent.status == 302
        told = now_of(step(exchange_of(b"Accept: */*")))
        assert isinstance(told, Refusal)
        assert (told.failure.status, told.fields) == (401, ((b"WWW-Authenticate", b"Cookie"),))

    def test_where_everybody_may_come_nobody_is_sent(self) -> None:
        assert now_of(self.step(HeldLogins(), allows_anonymous=True)(exchange_of(*NAVIGATES))) is None

    def test_the_service_is_told_who_it_is(self) -> None:
        logins = HeldLogins()
        exchange = exchange_of(logins.log_in())
        assert now_of(self.step(logins)(exchange)) is None
        assert b"X-Client-Id: ada\r\nX-Client-Credential: oidc\r\n" in sent_fields(exchange)

    def test_offline_it_is_said_where_a_login_would_lead(self) -> None:
        step = AuthenticatePlan((oidc_plan(),)).bind(Tools())
        answer = now_of(step(exchange_of(*NAVIGATES)))
        assert isinstance(answer, Response)
        assert dict(answer.fields)[b"Location"] == b"https://id.example.com"


class TestAccounts:
    """Where accounts must know the client."""

    def held(self, known: KnownAccounts) -> HeldLogins:
        return HeldLogins(oidc_plan(is_known=True), accounts=known)

    def test_it_has_the_last_word(self) -> None:
        known = KnownAccounts(client_record("ada"))
        logins = self.held(known)
        cookie = logins.log_in()
        assert show(logins, cookie).identity.record is known.clients["ada"]
        for more, reason in (
            ({"status": "disabled"}, "oidc_refused"),
            ({"not_before": int(logins.now) - 4}, "oidc_refused"),
        ):
            known.replace(client_record("ada", **more))
            found = show(logins, cookie)
            assert (found.failure.status, found.reason) == (401, reason)
        known.replace(client_record("ada", not_before=int(logins.now) - 5))
        assert isinstance(show(logins, cookie), Proof)
        known.replace()
        assert show(logins, cookie).reason == "oidc_client_unknown"

    def test_without_accounts_nobody_knows_clients(self) -> None:
        with pytest.raises(ValueError, match="no `accounts`"):
            oidc_plan(is_known=True).bind(Tools())


class TestRenewal:
    """The provider is asked again before what it gave is over."""

    def begun(self, **plan: Any) -> tuple[HeldLogins, bytes]:
        logins = HeldLogins(oidc_plan(**plan) if plan else None)
        cookie = logins.log_in(refresh_token="r1", expires_in=100.0)
        logins.asked.clear()
        return logins, cookie

    def renew(self, logins: HeldLogins, cookie: bytes) -> tuple[Any, Session | None]:
        """What is found, and the session that the browser has then, where it is another."""
        exchange = exchange_of(cookie)
        found = asyncio.run(later(logins.method(exchange)))
        if exchange.response_edits is None:
            return found, None
        lines = exchange.response_edits.apply(b"Cache-Control: public\r\nA: b\r\n")
        assert lines.startswith(b"A: b\r\nSet-Cookie: moongate-session-")
        assert lines.endswith(b"\r\nCache-Control: no-store\r\n"), "no cache gives a session to others"
        value = lines.partition(b"=")[2].partition(b";")[0]
        return found, Sealer(logins.keys, logins.plan.name).open(value, Session)

    def test_not_before_its_time(self) -> None:
        logins, cookie = self.begun()
        logins.now += 79
        assert show(logins, cookie).until == logins.now + 1
        assert logins.asked == []

    def test_it_goes_on_with_what_the_provider_says_now(self) -> None:
        logins, cookie = self.begun()
        until = logins.now + 3600
        logins.now += 80
        logins.claims = {"nonce": None, "groups": ["new"], "iat": int(logins.now)}
        logins.granted = {"refresh_token": "r2", "expires_in": 200.0, "scope": "openid"}
        found, session = self.renew(logins, cookie)
        assert found.identity.claims["groups"] == ["new"]
        assert found.identity.scopes == {"openid"}
        assert found.until == 0, "and is looked at again, for the browser shows another cookie next"
        assert session is not None
        assert (session.refresh_token, session.renew_at) == ("r2", logins.now + 160)
        assert (session.until, session.made) == (until, logins.now)
        ((_, grant, value, redirect, verifier),) = logins.asked
        assert (grant, value, redirect, verifier) == ("refresh_token", "r1", "", "")

    def test_a_provider_that_makes_no_new_tokens_keeps_the_old(self) -> None:
        logins, cookie = self.begun()
        logins.now += 80
        logins.answer = Answer("granted", Granted(expires_in=100.0))
        found, session = self.renew(logins, cookie)
        assert found.identity.client == "ada"
        assert session is not None
        assert (session.refresh_token, session.scopes) == ("r1", ("openid", "email"))

    def test_whom_it_does_not_know_any_more_has_no_session(self) -> None:
        logins, cookie = self.begun()
        logins.now += 80
        logins.answer = Answer("refused")
        assert self.renew(logins, cookie) == (None, None)

    @pytest.mark.parametrize("claims", [{"sub": "eve"}, {"aud": "another"}, {"sub": None}, {"exp": 1}])
    def test_nor_who_is_somebody_else_now(self, claims: dict[str, Any]) -> None:
        logins, cookie = self.begun()
        logins.now += 80
        logins.claims = claims
        assert self.renew(logins, cookie) == (None, None)

    def test_a_provider_that_is_down_ends_nothing_at_once(self) -> None:
        logins, cookie = self.begun()
        logins.answer = UNAVAILABLE
        logins.now += 80
        found, session = self.renew(logins, cookie)
        assert isinstance(found, Proof)
        assert session is None
        logins.now += GRACE_SECONDS
        found, _ = self.renew(logins, cookie)
        assert isinstance(found, Refusal)
        assert (found.failure.status, found.reason) == (503, "oidc_provider_unavailable")

    def test_so_are_keys_that_are_away(self) -> None:
        logins, cookie = self.begun()
        logins.now += 80
        logins.key_sets.drop("https://id.example.com")
        logins.key_sets.answers = False
        found, _ = self.renew(logins, cookie)
        assert isinstance(found, Refusal)
        assert found.failure.status == 503

    def test_a_short_life_is_no_storm(self) -> None:
        logins = HeldLogins()
        cookie = logins.log_in(refresh_token="r1", expires_in=1.0)
        logins.now += 4
        assert isinstance(show(logins, cookie), Proof)

    def test_another_sites_request_is_refused_before(self) -> None:
        logins, cookie = self.begun()
        logins.now += 80
        assert show(logins, cookie, b"Origin: http://evil.test", method=b"POST").reason == "oidc_cross_site"
        assert logins.asked == []


class Browser(RuleBasedStateMachine):
    """One browser and one provider, in any order of what can happen: it is known exactly while its last login lasts,
    under keys that are still there, and as whom it logged in."""

    def __init__(self) -> None:
        super().__init__()
        self.logins = HeldLogins()
        self.jar: dict[bytes, bytes] = {}
        self.tabs: list[tuple[str, str, str, float, bytes]] = []  # state, nonce, target, when, by which key
        self.known: tuple[str, float, bytes] | None = None  # whom, until when, by which key

    def keep(self, answer: Response) -> None:
        for cookie in cookies(answer):
            name, _, value = cookie.partition(b"=")
            self.jar.pop(name, None)
            if value:
                self.jar[name] = value

    @property
    def line(self) -> bytes:
        return b"Cookie: " + b"; ".join(b"%b=%b" % pair for pair in self.jar.items())

    @rule(page=st.sampled_from(["/", "/a?b=c", "/deep/er"]))
    def opens_a_page(self, page: str) -> None:
        answer = self.logins.method.invite(exchange_of(*NAVIGATES, self.line, target=page.encode()))
        assert isinstance(answer, Response)
        self.keep(answer)
        asked = parse_qs(urlsplit(location(answer)).query)
        self.tabs.append((asked["state"][0], asked["nonce"][0], page, self.logins.now, self.logins.keys[0]))
        self.tabs = [tab for tab in self.tabs if any(name.endswith(tab[0][:8].encode()) for name in self.jar)]
        assert self.tabs[-1][0] == asked["state"][0]
        assert len(self.tabs) <= MAX_ATTEMPTS

    @precondition(lambda self: self.tabs)
    @rule(data=st.data(), who=st.sampled_from(["ada", "eve"]), right=st.booleans())
    def comes_back(self, data: st.DataObject, who: str, right: bool) -> None:
        tab = data.draw(st.sampled_from(self.tabs))
        state, nonce, target, when, key = tab
        self.logins.nonce = nonce if right else "another"
        self.logins.claims = {"sub": who}
        exchange = self.logins.back(f"code=c&state={state}", self.line)
        answer = asyncio.run(later(self.logins.callback(exchange)))
        assert isinstance(answer, Response)
        self.keep(answer)
        if key not in self.logins.keys:
            assert answer.reason == "oidc_state"
            return
        self.tabs.remove(tab)
        if self.logins.now - when > LOGIN_SECONDS:
            assert answer.reason == "oidc_too_late"
        elif not right:
            assert answer.reason == "jwt_nonce"
        else:
            assert (answer.status, location(answer)) == (302, target)
            self.known = (who, self.logins.now + 3600, self.logins.keys[0])

    @rule(data=st.data())
    def is_lured_to_anothers_login(self, data: st.DataObject) -> None:
        state = data.draw(st.text("abcdefgh_-", min_size=8, max_size=22))
        answer = now_of(self.logins.callback(self.logins.back(f"code=c&state={state}", self.line)))
        assert answer.reason == "oidc_state"
        assert cookies(answer) == []

    @rule(seconds=st.sampled_from([1, 599, 700, 3000, 4000]))
    def waits(self, seconds: int) -> None:
        self.logins.now += seconds

    @rule()
    def sees_a_new_key(self) -> None:
        self.logins.keys = (os.urandom(32), *self.logins.keys[:2])

    @rule()
    def logs_out(self) -> None:
        answer = now_of(self.logins.logout(exchange_of(self.line, method=b"POST")))
        assert isinstance(answer, Response)
        self.keep(answer)
        self.known = None

    @invariant()
    def is_known_as_whom_it_logged_in(self) -> None:
        found = show(self.logins, self.line)
        who, until, key = self.known or ("", 0.0, b"")
        if self.logins.now < until and key in self.logins.keys:
            assert isinstance(found, Proof)
            assert (found.identity.client, found.until) == (who, until)
        else:
            assert found is None


TestBrowser = Browser.TestCase
TestBrowser.settings = settings(max_examples=40, stateful_step_count=30)
