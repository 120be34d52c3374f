"""Keys against vectors that were worked out by hand, so that both sides of the contract agree."""

from __future__ import annotations

import hashlib
import hmac
import time
import zlib

import pytest

from moongate.protocol.api_key import checksum, is_genuine, mac_of, public_id

BODY = b"mg_live_k3JdYq0PzR5x_" + b"0123456789abcdefghijABCDEFGHIJ01"
KEY = BODY + b"2XCCka"
PEPPER = bytes(range(32))


def by_hand(text: bytes) -> str:
    """Base62 the other way round: from the remainders, the last digit first."""
    number, digits = zlib.crc32(text), ""
    while number:
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[number % 62] + digits
        number //= 62
    return digits.rjust(6, "0")


def test_the_checksum_is_that_of_the_contract() -> None:
    assert zlib.crc32(b"123456789") == 0xCBF43926  # ISO-HDLC's check value
    assert checksum(b"") == b"000000"
    assert checksum(BODY).decode() == by_hand(BODY)
    assert public_id(BODY + by_hand(BODY).encode()) == b"k3JdYq0PzR5x"


def test_every_mistyped_character_is_seen() -> None:
    key = BODY + checksum(BODY)
    for place in range(len(key)):
        other = b"x" if key[place : place + 1] != b"x" else b"y"
        assert public_id(key[:place] + other + key[place + 1 :]) is None
        assert public_id(key[:place] + key[place + 1 :]) is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"mg_",
        b"Bearer x",
        b"mg_LIVE_k3JdYq0PzR5x_" + b"a" * 38,
        b"mg_seventeenletters_k3JdYq0PzR5x_" + b"a" * 38,
        b"mg__k3JdYq0PzR5x_" + b"a" * 38,
        b"mg_live_k3JdYq0PzR5x_" + b"a" * 37 + b"\n",
        b"mg_live_k3JdYq0PzR5x_" + b"\xc3\xa9" * 19,
        b"mg_live_" + b"a" * 100_000,
    ],
)
def test_what_is_no_key_has_no_id(text: bytes) -> None:
    assert public_id(text) is None
    framed = text + checksum(text)
    assert public_id(framed) is None


def test_the_mac_is_half_an_hmac_over_the_whole_key() -> None:
    expected = hmac.new(PEPPER, KEY, hashlib.sha256).digest()[:16]
    assert mac_of(KEY, PEPPER) == expected
    assert is_genuine(KEY, PEPPER, expected)
    assert not is_genuine(KEY, PEPPER, expected[:-1] + b"\0")
    assert not is_genuine(KEY, bytes(32), expected)
    assert not is_genuine(KEY, PEPPER, b"")


def test_a_key_is_verified_in_less_than_ten_microseconds() -> None:
    key = BODY + checksum(BODY)
    mac = mac_of(key, PEPPER)
    rounds = 2000

    def once() -> float:
        began = time.process_time()
        for _ in range(rounds):
            assert public_id(key) is not None
            assert is_genuine(key, PEPPER, mac)
        return (time.process_time() - began) / rounds

    assert min(once() for _ in range(5)) < 10e-6
