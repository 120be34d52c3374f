"""The gateway's own cookies among those of others, to the octet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moongate.filters.own_cookies import cookie_fields, cookie_name, cookies_of, set_cookie, without_own

OWN = (b"__Host-moongate-session-1=v", b"moongate-login-1-2=", b"moongate-session-x")
OTHERS = st.from_regex(rb"\A[a-zA-Z_-]{1,9}(=[!#-+\--:<-\[\]-~]{0,9})?\Z").filter(lambda each: b"moongate-" not in each)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"a=1", b"a=1"),
        (b"a=1; moongate-session-1=x; b=2", b"a=1; b=2"),
        (b"moongate-session-1=x; b=2", b"b=2"),
        (b"a=1;moongate-session-1=x", b"a=1"),
        (b"__Host-moongate-login-1-abc=x", b""),
        (b'a="1";  b = 2;c', b'a="1";  b = 2;c'),
        (b"xmoongate-session-1=x; moongate=1", b"xmoongate-session-1=x; moongate=1"),
        (b"Moongate-session-1=2", b"Moongate-session-1=2"),
        (b"a=moongate-session-1=x", b"a=moongate-session-1=x"),
        (b"", b""),
    ],
)  # fmt: skip
def test_what_is_left_is_left_as_it_was(value: bytes, kept: bytes) -> None:
    assert without_own(value) == kept


@given(st.lists(OTHERS, max_size=4), st.lists(st.sampled_from(OWN), max_size=3), st.randoms())
def test_wherever_they_stand(others: list[bytes], own: list[bytes], random: object) -> None:
    mixed = [(False, each) for each in others]
    for each in own:
        mixed.insert(random.randint(0, len(mixed)), (True, each))  # type: ignore[attr-defined]
    value = b"; ".join(each for _, each in mixed)
    assert without_own(value) == b"; ".join(others)
    assert len(list(cookies_of(b"Cookie: " + value + b"\r\n"))) == len(own)


def test_they_are_found_in_every_field() -> None:
    lines = b"A: b\r\nCookie: a=1; moongate-login-1=x\r\ncookie:__Host-moongate-session-2=y=z\r\n"
    lines += b"X-Cookie: moongate-login-3=\r\n"
    assert list(cookies_of(lines)) == [("moongate-login-1", b"x"), ("__Host-moongate-session-2", b"y=z")]
    assert cookie_fields(lines) == [b"a=1; moongate-login-1=x", b"__Host-moongate-session-2=y=z"]


def test_how_they_are_set() -> None:
    name = cookie_name("moongate-session-1", is_secure=True)
    assert set_cookie(name, "v", 60, is_secure=True) == (
        b"__Host-moongate-session-1=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
    )
    plain = cookie_name("moongate-session-1", is_secure=False)
    assert set_cookie(plain, "", 0, is_secure=False) == (
        b"moongate-session-1=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    )
