"""The way back from the provider, and all that can be wrong with it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway_harness.exchanges import exchange_of
from gateway_harness.held_logins import PROVIDER, HeldLogins, cookies, location
from gateway_harness.known_accounts import later, now_of
from gateway_harness.tokens import ISSUER, NOW, Signer
from moongate.core.limits import FAILED_CREDENTIALS
from moongate.filters import Refusal, Response
from moongate.filters.oidc_seal import Sealer, Session
from moongate.stores.provider import UNAVAILABLE, Answer, Granted


def come_back(logins: HeldLogins, query: str = "code=c1", *lines: bytes) -> Any:
    """A whole login, back with ``query`` and the state."""
    state, cookie = logins.begin()
    return asyncio.run(later(logins.callback(logins.back(f"{query}&state={state}", cookie, *lines))))


def session_of(logins: HeldLogins, answer: Response) -> Session:
    name, _, value = cookies(answer)[-1].partition(b"=")
    assert name == b"moongate-session-" + logins.plan.name.encode()
    session = Sealer(logins.keys, logins.plan.name).open(value, Session)
    assert session is not None
    return session


def test_a_login_becomes_a_session() -> None:
    logins = HeldLogins()
    logins.claims = {"groups": ["staff"], "picture": "https://a/b.png", "auth_time": NOW}
    logins.granted = {"refresh_token": "r1", "expires_in": 100.0, "scope": "openid email groups"}
    answer = come_back(logins)
    assert (answer.status, location(answer)) == (302, "/a?b=c")
    over, _ = cookies(answer)
    assert over.startswith(b"moongate-login-")
    assert over.endswith(b"=")
    session = session_of(logins, answer)
    assert session.client == "ada"
    assert session.scopes == ("openid", "email", "groups")
    assert session.claims == {"iss": ISSUER, "sub": "ada", "email": "ada@example.com", "groups": ["staff"]}
    assert (session.made, session.until) == (NOW - 5, NOW + 3600)
    assert (session.refresh_token, session.renew_at) == ("r1", NOW + 80)
    (question,) = logins.asked
    assert question[:4] == (logins.plan.name, "authorization_code", "c1", "http://a.test/oidc/callback")
    assert len(question.verifier) == 43


def test_a_session_without_a_refresh_token_is_not_renewed() -> None:
    logins = HeldLogins()
    logins.granted = {"expires_in": 100.0}
    session = session_of(logins, come_back(logins))
    assert session.renew_at == float("inf")
    assert session.scopes == ("openid", "email"), "as it was asked for: RFC 6749 section 5.1"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "another"}, "jwt_nonce"),
        ({"nonce": None}, "jwt_nonce"),
        ({"nonce": 7}, "jwt_nonce"),
        ({"aud": "another"}, "jwt_audience"),
        ({"aud": ["app", "another"]}, "jwt_azp"),
        ({"aud": ["app", "another"], "azp": "another"}, "jwt_azp"),
        ({"azp": "another"}, "jwt_azp"),
        ({"iss": "https://evil"}, "jwt_issuer"),
        ({"exp": NOW - 31}, "jwt_expired"),
        ({"exp": None}, "jwt_expired"),
        ({"iat": NOW + 31}, "jwt_not_yet"),
        ({"sub": None}, "jwt_sub"),
        ({"sub": 7}, "jwt_sub"),
    ],
)
def test_an_id_token_that_is_not_for_this_login(claims: dict[str, Any], reason: str) -> None:
    logins = HeldLogins()
    logins.claims = claims
    answer = come_back(logins)
    assert (answer.status, answer.code, answer.reason) == (401, "credentials_invalid", reason)
    assert not [each for each in cookies(answer) if b"session" in each]
    assert cookies(answer)[0].endswith(b"="), "that login is over"


def test_several_audiences_are_fine_where_we_are_the_party() -> None:
    logins = HeldLogins()
    logins.claims = {"aud": ["app", "another"], "azp": "app"}
    assert come_back(logins).status == 302


def test_an_id_token_by_a_key_that_is_not_the_providers() -> None:
    logins = HeldLogins()
    logins.signer = Signer()
    assert come_back(logins).reason == "jwt_signature"
    logins.signer = Signer(kid="k2")
    assert come_back(logins).reason == "jwt_kid"
    logins.key_sets.answers = False
    answer = come_back(logins)
    assert (answer.status, answer.reason) == (503, "jwt_keys_unavailable")


@pytest.mark.parametrize("id_token", ["", "x", "a.b.c", "ä.ö.ü", "a" * 9000])
def test_what_is_no_id_token(id_token: str) -> None:
    logins = HeldLogins()
    logins.answer = Answer("granted", Granted(id_token))
    assert come_back(logins).status == 401


@pytest.mark.parametrize(
    ("query", "status", "code", "reason"),
    [
        ("error=access_denied", 403, "login_refused", "oidc_access_denied"),
        ("error=access_denied&error_description=<script>", 403, "login_refused", "oidc_access_denied"),
        ("error=login_required", 403, "login_refused", "oidc_login_required"),
        ("error=server_error", 503, "dependency_unavailable", "oidc_server_error"),
        ("error=temporarily_unavailable", 503, "dependency_unavailable", "oidc_temporarily_unavailable"),
        ("error=%0d%0aforged", 403, "login_refused", "oidc_error"),
        ("error=", 403, "login_refused", "oidc_error"),
        ("error=access_denied&code=c1", 403, "login_refused", "oidc_access_denied"),
        ("", 400, "login_expired", "oidc_no_code"),
        ("code=", 400, "login_expired", "oidc_no_code"),
        ("code=c1&iss=https://evil", 400, "login_expired", "oidc_iss"),
        ("error=access_denied&iss=https://evil", 400, "login_expired", "oidc_iss"),
    ],
)
def test_what_the_provider_says_instead(query: str, status: int, code: str, reason: str) -> None:
    logins = HeldLogins()
    answer = come_back(logins, query)
    assert (answer.status, answer.code, answer.reason) == (status, code, reason)
    assert b"<script>" not in answer.body
    assert b'<a href="/a?b=c">Start again</a>' in answer.body
    assert cookies(answer)[0].endswith(b"="), "that login is over"
    assert logins.asked == []


def test_codes_that_are_refused_are_bounded_by_the_address_that_shows_them() -> None:
    logins = HeldLogins()
    logins.answer = Answer("refused")
    codes = [come_back(logins).code for _ in range(FAILED_CREDENTIALS + 1)]
    assert codes == ["login_expired"] * FAILED_CREDENTIALS + ["rate_limited"]
    assert len(logins.asked) == FAILED_CREDENTIALS, "nobody is kept from logging in by whoever makes up codes"


def test_a_provider_that_names_itself_always_has_to() -> None:
    logins = HeldLogins()
    assert come_back(logins, f"code=c1&iss={ISSUER}").status == 302
    logins.said = PROVIDER._replace(names_itself=True)
    assert come_back(logins, f"code=c1&iss={ISSUER}").status == 302
    assert come_back(logins, "code=c1").reason == "oidc_iss"


def test_the_code_is_refused_or_nobody_can_say() -> None:
    logins = HeldLogins()
    logins.answer = Answer("refused")
    answer = come_back(logins)
    assert (answer.status, answer.code, answer.reason) == (400, "login_expired", "oidc_code_refused")
    logins.answer = UNAVAILABLE
    answer = come_back(logins)
    assert (answer.status, answer.code) == (503, "dependency_unavailable")
    assert (b"Retry-After", b"1") in answer.fields
    assert b"Start again" in answer.body


def test_who_did_not_begin_here_ends_here() -> None:
    logins = HeldLogins()
    state, cookie = logins.begin()
    for query, line in (
        (f"code=c1&state={state}", b"X: 1"),
        ("code=c1", cookie),
        ("code=c1&state=", cookie),
        (f"code=c1&state={state[:8]}" + "A" * 14, cookie),
        (f"code=c1&state={state}", cookie[:-4] + b"AAAA"),
        (f"code=c1&state={'%C3%A4' * 8}", cookie),
        ("code=c1&state=" + "a" * 4000, cookie),
    ):
        answer = now_of(logins.callback(logins.back(query, line)))
        assert (answer.status, answer.code, answer.reason) == (400, "login_expired", "oidc_state")
        assert b'<a href="/">Start again</a>' in answer.body
        assert cookies(answer) == [], "nobody ends another's login"
    assert logins.asked == []


def test_who_comes_too_late_starts_again() -> None:
    logins = HeldLogins()
    state, cookie = logins.begin()
    logins.now += 601
    answer = now_of(logins.callback(logins.back(f"code=c1&state={state}", cookie)))
    assert (answer.status, answer.reason) == (400, "oidc_too_late")
    assert b'<a href="/a?b=c">Start again</a>' in answer.body


def test_other_gateways_keys_begin_no_login_here() -> None:
    logins = HeldLogins()
    state, cookie = logins.begin()
    logins.keys = (b"other" * 8)[:32], *logins.keys
    assert asyncio.run(later(logins.callback(logins.back(f"code=c1&state={state}", cookie)))).status == 302
    logins.keys = logins.keys[:1]
    assert now_of(logins.callback(logins.back(f"code=c1&state={state}", cookie))).reason == "oidc_state"


@pytest.mark.parametrize(
    "query",
    [
        "code=c1&code=c2&state=x",
        "state=x&state=x&code=c1",
        "&".join(f"a{number}=1" for number in range(33)),
        "error=a&error=b",
        "code=c1&state=x&\xff",
    ],
)
def test_what_says_two_things_says_nothing(query: str) -> None:
    logins = HeldLogins()
    exchange = exchange_of()
    assert exchange.head is not None
    exchange.head.query = b"?" + query.encode("latin-1")
    answer = now_of(logins.callback(exchange))
    assert isinstance(answer, Refusal)
    assert (answer.failure.status, answer.reason) == (400, "oidc_callback")


def test_only_a_browser_that_was_sent_comes_here() -> None:
    logins = HeldLogins()
    for method in (b"POST", b"HEAD", b"DELETE"):
        answer = now_of(logins.callback(exchange_of(method=method)))
        assert isinstance(answer, Refusal)
        assert (answer.failure.status, answer.fields) == (405, ((b"Allow", b"GET"),))
    answer = now_of(logins.callback(exchange_of(b"Content-Length: 1")))
    assert answer.failure.status == 400
    assert answer.failure.closes
    answer = now_of(logins.callback(exchange_of(target=b"/oidc/callback?code=1&state=x")))
    assert isinstance(answer, Refusal), "who does not read pages gets problem+json"
    assert answer.reason == "oidc_state"


def test_claims_that_no_cookie_holds() -> None:
    logins = HeldLogins()
    logins.claims = {"groups": ["a" * 40] * 70}
    answer = come_back(logins)
    assert (answer.status, answer.reason) == (500, "oidc_session_too_large")


def test_what_is_too_large_beside_the_claims_is_left_out() -> None:
    logins = HeldLogins()
    logins.claims = {"groups": ["a" * 40] * 50}
    logins.granted = {"refresh_token": "r" * 500, "expires_in": 100.0}
    answer = come_back(logins)
    session = session_of(logins, answer)
    assert (session.id_token, session.refresh_token) == ("", "")
    assert session.renew_at == float("inf")
    assert len(session.claims["groups"]) == 50
    logins.claims = {"groups": ["a" * 40] * 20}
    session = session_of(logins, come_back(logins))
    assert (session.id_token, session.refresh_token) == ("", "r" * 500)
