"""Who can end a session, and where that leads."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gateway_harness.exchanges import exchange_of
from gateway_harness.held_logins import NAVIGATES, PROVIDER, HeldLogins, cookies, location
from gateway_harness.known_accounts import now_of
from moongate.filters import Refusal, Response

SAME = b"Sec-Fetch-Site: same-origin"


def end(logins: HeldLogins, *lines: bytes, method: bytes = b"POST") -> Response | Refusal:
    found = now_of(logins.logout(exchange_of(*lines, method=method, target=b"/oidc/logout")))
    assert isinstance(found, Response | Refusal)
    return found


def test_a_session_ends_here_and_there() -> None:
    logins = HeldLogins()
    answer = end(logins, logins.log_in())
    assert isinstance(answer, Response)
    assert answer.status == 303
    there = urlsplit(location(answer))
    assert there._replace(query="").geturl() == "https://id.example.com/logout"
    asked = {name: value[0] for name, value in parse_qs(there.query).items()}
    assert asked["client_id"] == "app"
    assert asked["post_logout_redirect_uri"] == "http://a.test/bye"
    assert asked["id_token_hint"].count(".") == 2
    assert cookies(answer) == [b"moongate-session-" + logins.plan.name.encode() + b"="]


@pytest.mark.parametrize("said", [None, PROVIDER._replace(end_session_endpoint="")])
def test_here_alone_where_there_is_no_end_there(said: object) -> None:
    logins = HeldLogins()
    cookie = logins.log_in()
    logins.said = said  # type: ignore[assignment]
    answer = end(logins, cookie)
    assert isinstance(answer, Response)
    assert location(answer) == "/bye"
    assert cookies(answer)


def test_who_has_no_session_is_sent_to_nobody() -> None:
    answer = end(HeldLogins())
    assert isinstance(answer, Response)
    assert location(answer) == "/bye"


@pytest.mark.parametrize(
    ("method", "lines", "ends"),
    [
        (b"POST", (), "ended"),
        (b"POST", (SAME,), "ended"),
        (b"POST", (b"Origin: http://a.test",), "ended"),
        (b"POST", (b"Origin: http://evil.test",), "oidc_cross_site"),
        (b"POST", (b"Sec-Fetch-Site: same-site",), "oidc_cross_site"),
        (b"GET", (*NAVIGATES, SAME), "ended"),
        (b"GET", (*NAVIGATES, b"Sec-Fetch-Site: none"), "ended"),
        (b"GET", (*NAVIGATES, b"Sec-Fetch-Site: cross-site"), "asked"),
        (b"GET", (*NAVIGATES, b"Sec-Fetch-Site: same-site"), "asked"),
        (b"GET", (b"Accept: text/html",), "asked"),
        (b"GET", (b"Accept: image/*", b"Sec-Fetch-Mode: no-cors", SAME), "oidc_no_navigation"),
        (b"GET", (b"Accept: image/*",), "oidc_no_navigation"),
        (b"GET", (*NAVIGATES, SAME, b"Sec-Purpose: prefetch;prerender"), "oidc_no_navigation"),
        (b"GET", (*NAVIGATES, SAME, b"Content-Length: 1"), "oidc_logout"),
        (b"PUT", (SAME,), "method"),
    ],
)
def test_no_image_and_no_other_site_ends_it(method: bytes, lines: tuple[bytes, ...], ends: str) -> None:
    logins = HeldLogins()
    answer = end(logins, logins.log_in(), *lines, method=method)
    if isinstance(answer, Refusal):
        assert answer.reason == ends
    elif ends == "asked":
        assert answer.status == 200
        assert cookies(answer) == []
        assert b'<form method="post" action="/oidc/logout">' in answer.body
    else:
        assert (answer.status, ends) == (303, "ended")


def test_a_token_that_is_too_long_for_a_url_is_left_out() -> None:
    logins = HeldLogins()
    logins.claims = {"picture": "x" * 1600}
    answer = end(logins, logins.log_in())
    assert isinstance(answer, Response)
    assert "id_token_hint" not in location(answer)
    assert "client_id=app" in location(answer)
