"""An authorizer of one's own, played by hand: what it is told, and what follows from what it says."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.exchanges import exchange_of, sent_fields
from gateway_harness.fetches import FORWARDED, PlayedServices, fetched
from moongate.core.edits import FieldEdits
from moongate.core.exchange import Exchange
from moongate.core.fetching import Fetched, FetchFailed
from moongate.filters import Refusal, Response, Tools, Verdict
from moongate.filters.forward_auth import ForwardAuthPlan

PLAN = ForwardAuthPlan(
    service="authz", path="/verify", sent=None, taken=("x-auth-user", "x-groups"), client="", cache=0.0, timeout=1.0
)
ALLOWS = fetched(200, b"X-Auth-User: ada\r\nServer: authz\r\nX-Groups: a\r\nX-Groups: b\r\nX-Client-Id: root\r\n")


class Asked:
    """A bound step, the time, and the services that it asks."""

    def __init__(self, plan: ForwardAuthPlan, *answers: Fetched | FetchFailed) -> None:
        self.now = 1000.0
        self.services = PlayedServices(*answers)
        self.step = plan.bind(Tools(fetching=self.services, seconds=lambda: self.now))

    def __call__(self, *lines: bytes, **of: Any) -> tuple[Verdict, Exchange]:
        exchange = exchange_of(*lines, **of)
        return self.judge(exchange), exchange

    def judge(self, exchange: Exchange) -> Verdict:
        verdict = self.step(exchange)
        if verdict is None or isinstance(verdict, Refusal | Response):
            return verdict

        async def wait() -> Verdict:
            return await verdict

        return asyncio.run(wait())

    @property
    def told(self) -> bytes:
        return self.services.requests[-1].lines


def test_what_the_authorizer_is_told() -> None:
    asked = Asked(PLAN, ALLOWS)
    exchange = exchange_of(
        b"Authorization: Bearer t",
        b"Cookie: s=1",
        b"Content-Type: text/plain",
        b"Content-Length: 5",
        b"If-None-Match: *",
        b"Range: bytes=0-1",
        b"X-Forwarded-Uri: /public",
        b"X-Forwarded-Method: GET",
        b"X-Forwarded-Prefix: /x",
        b"X-Original-URL: http://a/public",
        b"X-Rewrite-Url: /public",
        b"X-HTTP-Method-Override: GET",
        b"X-Client-Id: root",
        method=b"POST",
        target=b"/cars/7?key=1&a=b",
    )
    exchange.edit(FieldEdits(frozenset((b"cookie",)), b"X-Client-Id: cl_1\r\n"))
    exchange.query = b"?a=b"
    asked.judge(exchange)
    (request,) = asked.services.requests
    assert (request.service, request.method, request.target, request.body) == ("authz", b"GET", b"/verify", b"")
    assert request.seconds == 1.0
    assert request.lines == (
        b"Authorization: Bearer t\r\nX-Client-Id: cl_1\r\n"
        + FORWARDED
        + b"X-Forwarded-Method: POST\r\nX-Forwarded-Uri: /cars/7?a=b\r\n"
    )


def test_a_trusted_proxy_has_no_word_about_method_and_path_either() -> None:
    asked = Asked(replace(PLAN, sent=()), ALLOWS)
    asked.services.way = FORWARDED + b"X-Forwarded-Prefix: /a\r\nX-Forwarded-Uri: /public\r\n"
    asked()
    own = b"X-Forwarded-Prefix: /a\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /\r\n"
    assert asked.told == FORWARDED + own


@pytest.mark.parametrize(("sent", "lines"), [(("cookie",), b"Cookie: s=1\r\n"), ((), b"")])
def test_only_chosen_fields_where_some_are(sent: tuple[str, ...], lines: bytes) -> None:
    asked = Asked(replace(PLAN, sent=sent), ALLOWS)
    asked(b"Authorization: Bearer t", b"Cookie: s=1")
    assert asked.told == lines + FORWARDED + b"X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /\r\n"


@pytest.mark.parametrize("status", [200, 204, 206, 299])
def test_2xx_lets_on_with_the_chosen_fields(status: int) -> None:
    verdict, exchange = Asked(PLAN, ALLOWS._replace(status=status))(b"X-Auth-User: root", b"x-groups: admins")
    assert verdict is None
    assert sent_fields(exchange) == b"X-Auth-User: ada\r\nX-Groups: a\r\nX-Groups: b\r\n"
    assert exchange.identity is None


def test_a_caller_s_own_copies_never_go_on() -> None:
    verdict, exchange = Asked(PLAN, fetched(204))(b"X-Auth-User: root", b"X-GROUPS: admins", b"Accept: a")
    assert verdict is None
    assert sent_fields(exchange) == b"Accept: a\r\n"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 401, 403, 404, 429, 499])
def test_3xx_and_4xx_are_the_answer(status: int) -> None:
    lines = (
        b"Location: https://id/\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nWWW-Authenticate: Basic\r\n"
        b"Content-Type: text/html\r\nServer: authz\r\nX-Auth-User: ada\r\n"
    )
    verdict, exchange = Asked(PLAN, fetched(status, lines, b"sign in"))()
    assert verdict == Response(
        status,
        b"sign in",
        (
            (b"Location", b"https://id/"),
            (b"Set-Cookie", b"a=1"),
            (b"Set-Cookie", b"b=2"),
            (b"WWW-Authenticate", b"Basic"),
            (b"Content-Type", b"text/html"),
            (b"Cache-Control", b"no-store"),
        ),
    )
    assert exchange.edits is None


def test_it_judges_no_other_credential_than_the_service_reads() -> None:
    twice = (b"Authorization: Bearer good", b"authorization: Bearer forged")
    asked = Asked(PLAN, ALLOWS)
    verdict, _ = asked(*twice)
    assert isinstance(verdict, Refusal)
    assert (verdict.failure.status, verdict.reason) == (400, "forward_auth_credential_twice")
    assert asked.services.requests == []
    assert Asked(replace(PLAN, sent=("cookie",)), ALLOWS)(*twice)[0] is None, "it judges something else"


def test_what_it_says_of_caches_counts() -> None:
    verdict, _ = Asked(PLAN, fetched(404, b"cache-control: max-age=5\r\n"))()
    assert verdict == Response(404, b"", ((b"cache-control", b"max-age=5"),))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (fetched(500), "forward_auth_status_500"),
        (fetched(503, b"", b"secrets of mine"), "forward_auth_status_503"),
        (fetched(304), "forward_auth_status_304"),
        (FetchFailed("timeout"), "forward_auth_timeout"),
        (FetchFailed("bad_status_line"), "forward_auth_bad_status_line"),
    ],
)
def test_no_answer_is_no_permission(answer: Fetched | FetchFailed, reason: str) -> None:
    verdict, _ = Asked(PLAN, answer)()
    assert isinstance(verdict, Refusal)
    assert (verdict.failure.code, verdict.reason, verdict.fields) == ("dependency_unavailable", reason, ())


class TestClient:
    PLAN = replace(PLAN, client="x-auth-user", taken=())

    def test_it_says_who_calls(self) -> None:
        verdict, exchange = Asked(self.PLAN, ALLOWS)(b"X-Auth-User: root")
        assert verdict is None
        assert exchange.identity is not None
        assert (exchange.identity.client, exchange.identity.credential) == ("ada", "forward_auth")
        assert sent_fields(exchange) == b"X-Client-Id: ada\r\nX-Client-Credential: forward_auth\r\n"

    def test_nobody_else_calls_then(self) -> None:
        exchange = exchange_of()
        exchange.edit(FieldEdits(frozenset(), b"X-Client-Id: cl_1\r\nX-Client-Token: ey\r\n"))
        Asked(self.PLAN, ALLOWS).judge(exchange)
        assert sent_fields(exchange) == b"X-Client-Id: ada\r\nX-Client-Credential: forward_auth\r\n"
        exchange.edit(FieldEdits(frozenset(), b"X-Other: 1\r\n"))
        Asked(self.PLAN, fetched(204)).judge(exchange)
        assert b"X-Client-Id: ada\r\n" in sent_fields(exchange)

    @pytest.mark.parametrize("lines", [b"", b"X-Auth-User: \r\n"])
    def test_it_may_let_on_nobody_in_particular(self, lines: bytes) -> None:
        verdict, exchange = Asked(self.PLAN, fetched(200, lines))(b"X-Auth-User: root")
        assert (verdict, exchange.identity, sent_fields(exchange)) == (None, None, b"")

    @pytest.mark.parametrize("said", [b"a" * 257, b"ada\xe2\x80\xae", b"a\tb", b"\xff"])
    def test_what_is_no_name_is_no_answer(self, said: bytes) -> None:
        verdict, exchange = Asked(self.PLAN, fetched(200, b"X-Auth-User: " + said + b"\r\n"))()
        assert isinstance(verdict, Refusal)
        assert (verdict.reason, exchange.identity) == ("forward_auth_bad_client", None)


class TestCache:
    PLAN = replace(PLAN, sent=("cookie",), cache=10.0)

    def test_the_same_is_asked_once_for_so_long(self) -> None:
        asked = Asked(self.PLAN, ALLOWS)
        for _ in range(3):
            verdict, exchange = asked(b"Cookie: s=1", b"X-Auth-User: root")
            assert verdict is None
            assert sent_fields(exchange).startswith(b"Cookie: s=1\r\nX-Auth-User: ada\r\n")
        assert len(asked.services.requests) == 1
        assert asked.step(exchange_of(b"Cookie: s=1")) is None, "no task is made for what is known"
        asked.now += 10.0
        asked(b"Cookie: s=1")
        assert len(asked.services.requests) == 2

    def test_whatever_it_is_told_makes_another_question(self) -> None:
        asked = Asked(self.PLAN, ALLOWS)
        asked(b"Cookie: s=1")
        asked(b"Cookie: s=2")
        asked(b"Cookie: s=1", target=b"/other")
        asked(b"Cookie: s=1", method=b"DELETE")
        asked(b"Cookie: s=1", target=b"/?a")
        assert len(asked.services.requests) == 5

    @pytest.mark.parametrize(
        "answer",
        [
            fetched(401),
            fetched(302, b"Set-Cookie: state=1\r\n"),
            fetched(500),
            fetched(200, b"Cache-Control: No-Store\r\n"),
        ],
    )
    def test_only_permission_is_kept(self, answer: Fetched) -> None:
        asked = Asked(self.PLAN, answer)
        asked(b"Cookie: s=1")
        asked(b"Cookie: s=1")
        assert len(asked.services.requests) == 2

    @given(st.lists(st.tuples(st.sampled_from(["1", "2", "3"]), st.integers(0, 12)), max_size=30))
    def test_it_is_never_older_than_that(self, steps: list[tuple[str, int]]) -> None:
        asked = Asked(self.PLAN, ALLOWS)
        told_at: dict[str, float] = {}
        for cookie, seconds in steps:
            asked.now += seconds
            before = len(asked.services.requests)
            asked(f"Cookie: s={cookie}".encode())
            is_asked = len(asked.services.requests) > before
            assert is_asked is (asked.now - told_at.get(cookie, -100.0) >= 10.0)
            if is_asked:
                told_at[cookie] = asked.now


def test_it_says_what_it_does() -> None:
    assert PLAN.describe() == {
        "service": "authz",
        "path": "/verify",
        "response_headers": ["x-auth-user", "x-groups"],
        "timeout": 1.0,
    }
    full = replace(PLAN, sent=("cookie",), client="x-user", cache=5.0)
    assert full.describe() == {
        "service": "authz",
        "path": "/verify",
        "request_headers": ["cookie"],
        "response_headers": ["x-auth-user", "x-groups"],
        "client": "x-user",
        "cache": 5.0,
        "timeout": 1.0,
    }
    secret = replace(PLAN, path="/verify?key=s3cr3t")
    assert "s3cr3t" not in f"{secret.describe()} {secret.asking()}"
    assert secret.hidden == "/verify?key=s3cr3t"
    assert full.asking() == (
        "asks service authz for GET /verify, with the fields cookie and X-Forwarded-Method, -Uri and the like"
    )
