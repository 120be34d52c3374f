"""The way to the provider, and where it may lead back to."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.exchanges import exchange_of
from gateway_harness.held_logins import NAVIGATES, HeldLogins, cookies, location, oidc_plan
from moongate.core import limits
from moongate.filters import Refusal, Response
from moongate.filters.oidc_login import LOGIN_SECONDS, MAX_ATTEMPTS, MAX_TARGET_CHARS, is_safe, local_target, with_query
from moongate.filters.oidc_seal import Attempt, Sealer
from moongate.stores.provider import Provider

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange


def sealer(logins: HeldLogins) -> Sealer:
    return Sealer(logins.keys, logins.plan.name)


def attempt_of(logins: HeldLogins, cookie: bytes) -> Attempt:
    attempt = sealer(logins).open(cookie.partition(b"=")[2], Attempt)
    assert attempt is not None
    return attempt


class Outside(HeldLogins):
    """Reached as ``origin`` says."""

    def __init__(self, origin: str, *, allows_http: bool = False) -> None:
        super().__init__(oidc_plan(allows_http=allows_http))
        self.origin = origin

    def exchange(self) -> Exchange:
        exchange = exchange_of(*NAVIGATES)
        origin = self.origin

        class From(type(exchange)):  # type: ignore[misc]
            __slots__ = ()

            def public_origin(self) -> str:
                return origin

        exchange.__class__ = From
        return exchange


def test_a_browser_is_sent_with_all_that_proves_it_later() -> None:
    logins = HeldLogins()
    answer = logins.method.invite(exchange_of(*NAVIGATES, target=b"/a/b?c=d"))
    assert isinstance(answer, Response)
    assert answer.status == 302
    assert (b"Cache-Control", b"no-store") in answer.fields
    there = urlsplit(location(answer))
    assert f"{there.scheme}://{there.netloc}{there.path}" == "https://id.example.com/authorize"
    asked = {name: value[0] for name, value in parse_qs(there.query).items()}
    (cookie,) = cookies(answer)
    attempt = attempt_of(logins, cookie)
    assert attempt.target == "/a/b?c=d"
    assert attempt.made == logins.now
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    assert len(attempt.verifier) == 43, "RFC 7636 section 4.1"
    assert asked == {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": "http://a.test/oidc/callback",
        "scope": "openid email",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    for secret in (attempt.state, attempt.nonce, attempt.verifier):
        assert secret.encode() not in cookie


def test_who_is_to_be_known_for_longer_is_asked() -> None:
    logins = HeldLogins(oidc_plan(scopes=("openid", "offline_access")))
    answer = logins.method.invite(exchange_of(*NAVIGATES))
    assert isinstance(answer, Response)
    assert parse_qs(urlsplit(location(answer)).query)["prompt"] == ["consent"]


@pytest.mark.parametrize(
    ("said", "keys"),
    [(None, True), (("", "", False), True), (("https://id.example.com/a", "", False), False)],
)
def test_a_provider_that_nobody_has_heard_is_nobodys_fault(said: tuple[str, str, bool] | None, keys: bool) -> None:
    logins = HeldLogins()
    logins.said = None if said is None else Provider(*said)
    logins.keys = logins.keys if keys else ()
    answer = logins.method.invite(exchange_of(*NAVIGATES))
    assert isinstance(answer, Response)
    assert (answer.status, answer.code, answer.reason) == (503, "dependency_unavailable", "oidc_provider_unavailable")
    assert (b"Retry-After", b"1") in answer.fields


def test_only_who_is_shown_a_page_is_sent() -> None:
    logins = HeldLogins()
    assert logins.method.invite(exchange_of(b"Accept: application/json")) is None
    assert logins.method.invite(exchange_of(*NAVIGATES, method=b"POST")) is None


def test_over_https_the_cookie_is_for_this_host_alone() -> None:
    logins = Outside("https://app.example.com")
    answer = logins.method.invite(logins.exchange())
    assert isinstance(answer, Response)
    (cookie,) = [value for name, value in answer.fields if name == b"Set-Cookie"]
    assert cookie.startswith(b"__Host-moongate-login-")
    assert cookie.endswith(b"; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure")


@pytest.mark.parametrize(
    ("origin", "allows_http", "safe"),
    [
        ("https://a", False, True),
        ("http://localhost:8080", False, True),
        ("http://app.localhost", False, True),
        ("http://127.0.0.1", False, True),
        ("http://[::1]:8080", False, True),
        ("http://a", False, False),
        ("http://localhost.a", False, False),
        ("http://a", True, True),
        ("http://", True, False),
        ("https://", False, False),
        ("http://[::1", True, False),
    ],
)
def test_no_cookie_is_given_to_everybody_between(origin: str, allows_http: bool, safe: bool) -> None:
    assert is_safe(origin, allows_http=allows_http) is safe
    logins = Outside(origin, allows_http=allows_http)
    answer = logins.method.invite(logins.exchange())
    if safe:
        assert isinstance(answer, Response)
    else:
        assert isinstance(answer, Refusal)
        assert (answer.failure.status, answer.reason) == (401, "oidc_needs_tls")


class TestSeveralTabs:
    """Each login has a cookie of its own."""

    def test_none_takes_anothers_place(self) -> None:
        logins = HeldLogins()
        begun = [logins.begin(target=f"/{number}".encode()) for number in range(3)]
        jar = b"Cookie: " + b"; ".join(cookie.removeprefix(b"Cookie: ") for _, cookie in begun)
        for number, (state, _) in enumerate(begun):
            found = logins.callback._entrance.find(exchange_of(jar), state)
            assert found is not None
            assert found.target == f"/{number}"

    def test_the_oldest_gives_way_where_there_are_too_many(self) -> None:
        logins = HeldLogins()
        jar: list[bytes] = [b"other=1", f"moongate-login-{logins.plan.name}-none=x".encode()]
        for number in range(MAX_ATTEMPTS):
            logins.now += 1
            jar.insert(number % 2, logins.begin()[1].removeprefix(b"Cookie: "))
        logins.now += 1
        answer = logins.method.invite(exchange_of(*NAVIGATES, b"Cookie: " + b"; ".join(jar)))
        assert isinstance(answer, Response)
        *forgotten, begun = cookies(answer)
        made = {name: attempt.made for name, attempt in _attempts(logins, jar).items()}
        oldest = min(made, key=lambda name: made[name])
        assert {each.partition(b"=")[0] for each in forgotten} == {
            f"moongate-login-{logins.plan.name}-none".encode(),
            oldest,
        }
        assert all(each.endswith(b"=") for each in forgotten)
        assert attempt_of(logins, begun).made == logins.now

    def test_no_number_of_them_makes_a_long_answer(self) -> None:
        logins = HeldLogins()
        jar = b"; ".join(b"moongate-login-%b-%d=x" % (logins.plan.name.encode(), number) for number in range(200))
        answer = logins.method.invite(exchange_of(*NAVIGATES, b"Cookie: " + jar))
        assert isinstance(answer, Response)
        assert len(cookies(answer)) < 20


def test_all_that_a_browser_may_keep_fits_into_a_request() -> None:
    logins = HeldLogins()
    logins.claims = {"groups": ["a" * 40] * 50}
    session = logins.log_in()
    target = b"/" + b"a" * (MAX_TARGET_CHARS - 1)
    begun = [logins.begin(target=target)[1].removeprefix(b"Cookie: ") for _ in range(MAX_ATTEMPTS)]
    assert attempt_of(logins, begun[0]).target == target.decode()
    assert len(b"; ".join((session, *begun))) < limits.MAX_LINE_BYTES - 512


def _attempts(logins: HeldLogins, jar: list[bytes]) -> dict[bytes, Attempt]:
    found = {each.partition(b"=")[0]: sealer(logins).open(each.partition(b"=")[2], Attempt) for each in jar}
    return {name: attempt for name, attempt in found.items() if attempt is not None}


def test_a_login_is_found_by_its_own_state_alone() -> None:
    logins = HeldLogins()
    state, cookie = logins.begin()
    find = logins.callback._entrance.find
    assert find(exchange_of(cookie), state) is not None
    assert find(exchange_of(cookie), state[:8] + "A" * 14) is None
    assert find(exchange_of(), state) is None
    assert find(exchange_of(cookie[:-4] + b"AAAA"), state) is None
    renamed = cookie.replace(state[:8].encode(), b"AAAAAAAA")
    assert find(exchange_of(renamed), "AAAAAAAA" + state[8:]) is None, "the cookie's name proves nothing"


def test_it_is_good_for_ten_minutes() -> None:
    logins = HeldLogins()
    state, cookie = logins.begin()
    entrance = logins.callback._entrance
    attempt = entrance.find(exchange_of(cookie), state)
    assert attempt is not None
    for seconds, over in ((0, False), (LOGIN_SECONDS, False), (LOGIN_SECONDS + 1, True), (-29, False), (-31, True)):
        logins.now = attempt.made + seconds
        assert entrance.is_over(attempt) is over


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_login_leads_back_to_this_host_alone(path: bytes, query: bytes) -> None:
    _assert_local(local_target(b"/" + path, b"?" + query))


PIECES = [b"/", b"\\", b"evil.example", b"@", b":", b".", b"..", b"\t", b"\r\n", b"%2f", b"https:"]


@given(st.lists(st.sampled_from(PIECES)))
def test_whatever_browsers_make_of_it(pieces: list[bytes]) -> None:
    _assert_local(local_target(b"".join(pieces), b""))


def _assert_local(target: str) -> None:
    assert target.startswith("/")
    assert target.isascii()
    assert target.isprintable()
    assert " " not in target
    assert len(target) <= MAX_TARGET_CHARS
    # as a browser reads it (URL Standard): without tabs and line ends, a backslash is a slash
    read = "".join(each for each in target if each not in "\t\r\n").replace("\\", "/")
    assert urlsplit(urljoin("https://app.example.com/x", read)).netloc == "app.example.com"
    assert not read.startswith("//")


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        (b"/a/b", b"?c=//evil", "/a/b?c=//evil"),
        (b"//evil", b"", "/"),
        (b"/\\evil", b"", "/"),
        (b"https://evil", b"", "/"),
        (b"/a", b"?" + b"x" * 600, "/a"),
        (b"/" + b"a" * 600, b"", "/"),
        (b"/a", b"?\xff", "/a"),
        (b"/", b"", "/"),
        (b"*", b"", "/"),
    ],
)
def test_where_it_leads_back_to(path: bytes, query: bytes, target: str) -> None:
    assert local_target(path, query) == target


def test_an_endpoint_may_have_a_query_of_its_own() -> None:
    assert with_query("https://a/b", {"c": "d e"}) == "https://a/b?c=d+e"
    assert with_query("https://a/b?p=1", {"c": "d&e"}) == "https://a/b?p=1&c=d%26e"
