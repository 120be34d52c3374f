"""How long a session lasts, and in which of its forms a browser keeps it; what becomes of it is in test_oidc."""

from __future__ import annotations

import os

import pytest

from gateway_harness.exchanges import exchange_of
from gateway_harness.held_logins import HeldLogins
from moongate.filters.jwt_form import TokenRefused
from moongate.filters.oidc_seal import MAX_COOKIE_CHARS, Session
from moongate.filters.oidc_session import Sessions, is_secure
from moongate.stores.provider import Granted

CLAIMS = {"iss": "https://id.example.com", "sub": "ada", "iat": 1, "email": "a@b", "picture": "x"}


def sessions() -> tuple[Sessions, HeldLogins]:
    logins = HeldLogins()
    return Sessions(logins.plan, logins.tools), logins


def test_a_session_keeps_what_the_config_names() -> None:
    kept, logins = sessions()
    session = kept.begun(CLAIMS, Granted())
    assert session == Session(
        "ada",
        ("openid", "email"),
        {"iss": "https://id.example.com", "sub": "ada", "email": "a@b"},
        1.0,
        logins.now + 3600,
    )
    with pytest.raises(TokenRefused, match="jwt_client"):
        kept.begun({**CLAIMS, "sub": ""}, Granted())


def test_the_cookie_lasts_as_long_as_the_session() -> None:
    kept, logins = sessions()
    session = kept.begun(CLAIMS, Granted())
    logins.now += 3000.5
    cookie = kept.cookie(session, is_secure=False)
    assert cookie is not None
    assert b"; Max-Age=599;" in cookie
    assert kept.forgotten(is_secure=True).startswith(b"__Host-moongate-session-")
    assert b"; Max-Age=0;" in kept.forgotten(is_secure=True)


@pytest.mark.parametrize("size", [0, 400, 800, 1200, 2000, 2500, 2600, 3000])
def test_no_cookie_is_larger_than_browsers_keep(size: int) -> None:
    kept, _ = sessions()
    claims = {**CLAIMS, "email": "e" * size}
    session = kept.begun(claims, Granted("i" * 900, "r" * 600, 10.0))
    cookie = kept.cookie(session, is_secure=True)
    if cookie is None:
        assert size > 2400
        return
    _, _, value = cookie.partition(b";")[0].partition(b"=")
    assert len(value) <= MAX_COOKIE_CHARS
    assert len(cookie) <= 4096
    sealer = kept.sealer
    assert sealer is not None
    read = sealer.open(value, Session)
    assert read is not None
    assert read.claims["email"] == claims["email"], "what the config names is never left out"
    assert (read.id_token == "") >= (read.refresh_token == ""), "what renews it is the last to go"


def test_new_keys_are_taken_up() -> None:
    kept, logins = sessions()
    before = kept.sealer
    assert kept.sealer is before
    logins.keys = (os.urandom(32), *logins.keys)
    assert kept.sealer is not before
    logins.keys = ()
    assert kept.sealer is None


def test_a_guess_at_the_connection_is_no_tls() -> None:
    assert not is_secure(exchange_of())
