"""What only gateways can read or make."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moongate.filters.oidc_seal import MAX_COOKIE_CHARS, Attempt, Sealed, Sealer, Session

KEYS = (b"1" * 32, b"2" * 32)
ONE = Sealer(KEYS[:1], "p")
SESSION = Session("ada", ("openid",), {"sub": "ada", "groups": ["a", "b"], "email_verified": True}, 1.0, 2.0)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
claims = st.dictionaries(
    st.text(max_size=9), st.none() | st.booleans() | st.text(max_size=9) | st.lists(st.text(max_size=9))
)


@given(st.text(), st.lists(st.text()), claims, st.floats(allow_nan=False), st.text(max_size=99))
def test_what_was_sealed_is_opened(
    client: str, scopes: list[str], said: dict[str, object], at: float, token: str
) -> None:
    session = Session(client, tuple(scopes), said, at, at, at, token, token)
    sealed = ONE.seal(session)
    assert set(sealed) <= set(ALPHABET)
    if len(sealed) <= MAX_COOKIE_CHARS:
        assert ONE.open(sealed.encode(), Session) == session


def test_every_flipped_bit_is_refused() -> None:
    sealed = ONE.seal(SESSION).encode()
    for place in range(len(sealed)):
        for bit in range(8):
            forged = bytearray(sealed)
            forged[place] ^= 1 << bit
            assert ONE.open(bytes(forged), Session) is None, (place, bit)


@given(st.data())
def test_no_other_text_is_taken(data: st.DataObject) -> None:
    sealed = ONE.seal(SESSION)
    at = data.draw(st.integers(0, len(sealed)))
    until = data.draw(st.integers(at, min(at + 8, len(sealed))))
    other = sealed[:at] + data.draw(st.text(ALPHABET + "=+/ ", max_size=8)) + sealed[until:]
    if other != sealed:
        assert ONE.open(other.encode(), Session) is None


@given(st.binary(max_size=200))
def test_octets_of_strangers(text: bytes) -> None:
    assert ONE.open(text, Session) is None


def test_the_first_key_seals_and_all_open() -> None:
    both, other = Sealer(KEYS, "p"), Sealer(KEYS[1:], "p")
    assert both.open(other.seal(SESSION).encode(), Session) == SESSION
    assert other.open(both.seal(SESSION).encode(), Session) is None
    assert ONE.open(both.seal(SESSION).encode(), Session) == SESSION


def test_nothing_passes_for_what_it_is_not() -> None:
    attempt = Attempt("s", "n", "v", "/", 1.0)
    assert ONE.open(ONE.seal(attempt).encode(), Session) is None
    assert ONE.open(ONE.seal(SESSION).encode(), Attempt) is None
    assert Sealer(KEYS[:1], "q").open(ONE.seal(SESSION).encode(), Session) is None


def test_what_another_version_sealed_is_none() -> None:
    class Session(Sealed, frozen=True, array_like=True):
        """Has less in it."""

        client: str

    assert ONE.open(ONE.seal(Session("ada")).encode(), SESSION.__class__) is None


def test_two_are_never_the_same_and_none_is_read_beyond_its_bound() -> None:
    assert len({ONE.seal(SESSION) for _ in range(100)}) == 100
    large = Session("ada", (), {"sub": os.urandom(MAX_COOKIE_CHARS).hex()}, 1.0, 2.0)
    assert ONE.open(ONE.seal(large).encode(), Session) is None


@pytest.mark.parametrize("content", [SESSION, Attempt("s", "n", "v", "/", 1.0)])
def test_nothing_of_it_is_shown(content: Sealed) -> None:
    shown = repr(content)
    assert len(shown) < 40
    assert "groups" not in shown
