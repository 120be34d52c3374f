"""What is a plain signed token, and what goes no further whatever its signature says (security of JOSE, row by row)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.tokens import Signer, b64, good_claims, part
from moongate.filters.jwt_form import MAX_TOKEN_BYTES, TokenRefused, bearer_token, claimed_issuer, read_token

SIGNER = Signer()
GOOD = SIGNER.token()


def refused(text: bytes) -> str:
    with pytest.raises(TokenRefused) as raised:
        read_token(text)
    return str(raised.value)


def test_an_issuer_is_told_of_a_token_that_is_refused_as_well() -> None:
    assert claimed_issuer(GOOD) == good_claims()["iss"]
    assert claimed_issuer(with_header(jku="https://a")) == good_claims()["iss"]
    for text in (b"opaque-token", b"a.b.c", b"e30.e30.", b"e30.W10.", f"e30.{part({'iss': 7})}.".encode()):
        assert claimed_issuer(text) is None


def with_header(**more: Any) -> bytes:
    return SIGNER.token(header=more)


def test_what_is_read_is_what_was_written() -> None:
    token = read_token(GOOD)
    assert (token.algorithm, token.kid, token.typ) == ("ES256", "k1", "at+jwt")
    assert token.claims == good_claims()
    assert token.signed + b"." + b64(token.signature).encode() == GOOD


@pytest.mark.parametrize(("written", "read"), [("JWT", "jwt"), ("application/AT+JWT", "at+jwt"), (None, "")])
def test_a_type_is_read_as_media_types_are(written: str | None, read: str) -> None:
    assert read_token(with_header(typ=written)).typ == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "jwt_malformed"),
        (b"opaque-token", "jwt_malformed"),
        (b"a.b", "jwt_malformed"),
        (b"...", "jwt_malformed"),
        (GOOD + b"\n", "jwt_malformed"),
        (GOOD.replace(b".", b" .", 1), "jwt_malformed"),
        (GOOD + b"=", "jwt_malformed"),
        (GOOD[:-1], "jwt_malformed"),  # no length that base64 has
        (b"e30.e30.", "jwt_alg"),
        (b"W10.e30.c2ln", "jwt_malformed"),  # a header that is a list
        (f"{part({'alg': 'ES256'})}.W10.c2ln".encode(), "jwt_malformed"),
        (f"{b64(b'{')}.e30.c2ln".encode(), "jwt_malformed"),
        (f"{b64(b'[' * 4000)}.e30.c2ln".encode(), "jwt_malformed"),
        (f"{part({'alg': 'ES256'})}.{b64(b'{' + b'a' * 90)}.c2ln".encode(), "jwt_malformed"),
        (b"a.b.c.d.e", "jwt_encrypted"),  # JWE
        (b"x" * (MAX_TOKEN_BYTES + 1), "jwt_too_long"),
        (with_header(alg=7), "jwt_alg"),
        (with_header(typ=["JWT"]), "jwt_typ"),
        (with_header(kid=7), "jwt_kid"),
        (with_header(kid="k" * 129), "jwt_kid"),
        (with_header(kid="é" * 65), "jwt_kid"),
        (with_header(crit=["exp"]), "jwt_alg"),
        (with_header(crit=[]), "jwt_alg"),
        (with_header(b64=False), "jwt_alg"),
        (with_header(zip="DEF"), "jwt_alg"),
        (with_header(enc="A256GCM"), "jwt_alg"),
        (with_header(jku="https://evil.example/keys"), "jwt_alg"),
        (with_header(x5u="https://evil.example/cert"), "jwt_alg"),
        (with_header(jwk=SIGNER.jwk()), "jwt_alg"),
    ],
    ids=lambda value: value[:24].decode() if isinstance(value, bytes) else value,
)
def test_what_goes_no_further(text: bytes, reason: str) -> None:
    assert refused(text) == reason


def test_base64_has_one_spelling() -> None:
    """64 octets leave four bits of their last letter unused: sixteen spellings of one signature."""
    assert refused(GOOD[:-1] + bytes((GOOD[-1] + 1,))) == "jwt_malformed"


def test_a_hundred_kilobytes_are_not_looked_at() -> None:
    huge = b"e30." * 25_000
    before = time.process_time()
    for _ in range(100):
        refused(huge)
    assert time.process_time() - before < 0.1


@given(st.binary(max_size=200) | st.text("abcdeyJ0.-_=", max_size=80).map(str.encode))
def test_whatever_comes_is_read_or_refused(text: bytes) -> None:
    reason = "jwt_read"
    try:
        read_token(text)
    except TokenRefused as refusal:
        reason = str(refusal)
    assert reason.startswith("jwt_")


@pytest.mark.parametrize(
    ("field", "token"),
    [
        (b"Bearer a.b.c", b"a.b.c"),
        (b"bEARER   opaque ", b"opaque"),
        (b"Bearer ", b""),
        (b"Bearer mg_live_1_2", None),
        (b"Basic YTpi", None),
        (b"Bearera.b.c", None),
        (None, None),
    ],
)
def test_what_a_bearer_shows(field: bytes | None, token: bytes | None) -> None:
    assert bearer_token(field) == token
