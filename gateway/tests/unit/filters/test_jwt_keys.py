"""Which key may verify what: said by the set and the config, never by the token."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway_harness.tokens import Signer, b64, key_set, part
from moongate.filters.jwt_form import TokenRefused, read_token
from moongate.filters.jwt_keys import ALGORITHMS, MAX_KEYS, KeyRing, read_keys

ALL = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519"]
ONE, TWO = Signer(kid="k1"), Signer(kid="k2")


def verify(ring: KeyRing, text: bytes) -> str:
    """The reason why not; empty where it is good, None's name where the key is not here."""
    token = read_token(text)
    try:
        key = ring.find(token)
        if key is None:
            return "absent"
        key.verify(token)
    except TokenRefused as refused:
        return str(refused)
    return ""


def ring_of(*keys: dict[str, Any], algorithms: frozenset[str] = ALGORITHMS) -> KeyRing:
    return KeyRing(json.dumps({"keys": keys}).encode(), algorithms)


@pytest.mark.parametrize("algorithm", ALL)
def test_every_algorithm_verifies_what_its_key_signed_and_nothing_else(algorithm: str) -> None:
    signer = Signer(algorithm)
    ring = ring_of(signer.jwk())
    good = signer.token()
    assert verify(ring, good) == ""
    assert verify(ring, good) == ""  # the key is imported by now
    head, body, signature = good.split(b".")
    assert verify(ring, head + b"." + part({"iss": "evil"}).encode() + b"." + signature) == "jwt_signature"
    octets = read_token(good).signature
    for wrong in (octets[:-1], octets + b"\0", bytes(len(octets)), b"", octets[::-1]):
        assert verify(ring, b".".join((head, body, b64(wrong).encode()))) == "jwt_signature"


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512"])
def test_a_signature_with_a_zero_in_it_proves_nothing(algorithm: str) -> None:
    signer = Signer(algorithm)
    head, body, _ = signer.token().split(b".")
    size = len(read_token(signer.token()).signature) // 2
    for r, s in ((0, 0), (0, 1), (1, 0)):
        signature = r.to_bytes(size, "big") + s.to_bytes(size, "big")
        assert verify(ring_of(signer.jwk()), b".".join((head, body, b64(signature).encode()))) == "jwt_signature"


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "HS384", "HS512", "RS256", "ES384", "EdDSA", "", "es256"]
)
def test_a_token_does_not_choose_its_algorithm(algorithm: str) -> None:
    assert verify(ring_of(ONE.jwk()), ONE.token(header={"alg": algorithm})) == "jwt_alg"


def test_a_public_key_is_no_shared_secret() -> None:
    """CVE-2015-9235: HS256 with the PEM of an RSA key for the secret."""
    import hashlib
    import hmac

    signer = Signer("RS256")
    signed = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part({'iss': 'x'})}".encode()
    mac = hmac.digest(signer.pem().encode(), signed, hashlib.sha256)
    assert verify(ring_of(signer.jwk()), signed + b"." + b64(mac).encode()) == "jwt_alg"


def test_a_shared_secret_in_a_set_is_no_key_of_ours() -> None:
    assert len(ring_of({"kty": "oct", "kid": "k1", "k": b64(bytes(32)), "alg": "HS256"})) == 0


def test_keys_are_told_apart_by_their_names() -> None:
    ring = ring_of(ONE.jwk(), TWO.jwk())
    assert verify(ring, ONE.token()) == verify(ring, TWO.token()) == ""
    assert verify(ring, ONE.token(header={"kid": "k2"})) == "jwt_signature"
    for name in ("k3", "K1", "k1 ", "", "../../k1", "k1' or '1'='1"):
        assert verify(ring, ONE.token(header={"kid": name})) == "absent"
    assert verify(ring, Signer(kid=None).token()) == "jwt_kid"  # it could be either


def test_a_token_without_a_name_is_for_the_only_key_that_can() -> None:
    nameless = Signer(kid=None)
    nameless.key = ONE.key
    assert verify(ring_of(ONE.jwk(), Signer("RS256", "k2").jwk()), nameless.token()) == ""
    assert verify(ring_of(nameless.jwk()), ONE.token()) == ""  # a PEM file gives a key no name
    assert verify(ring_of(nameless.jwk(), TWO.jwk()), ONE.token()) == "absent"


def test_the_same_name_may_stand_for_a_key_of_each_kind() -> None:
    other = Signer("RS256", "k1")
    ring = ring_of(ONE.jwk(), other.jwk())
    assert verify(ring, ONE.token()) == verify(ring, other.token()) == ""


@pytest.mark.parametrize(
    "more",
    [
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "ES384"},
        {"alg": 7},
        {"kty": "EC", "crv": "secp256k1"},
        {"kty": ["EC"]},
        {"crv": ["P-256"]},
        {"kid": 7},
        {"kid": "k" * 129},
    ],
)
def test_what_is_no_key_for_this(more: dict[str, Any]) -> None:
    assert len(ring_of(ONE.jwk(**more), TWO.jwk())) == 1


def test_a_short_rsa_key_is_none() -> None:
    assert len(ring_of({"kty": "RSA", "kid": "k", "n": b64(bytes(127) + b"\1" * 1), "e": "AQAB"})) == 0


def test_only_what_the_config_names() -> None:
    both = (ONE.jwk(), Signer("RS256", "k2").jwk())
    assert len(ring_of(*both, algorithms=frozenset(("ES256",)))) == 1
    signer = Signer("RS256")
    ring = ring_of(signer.jwk(), algorithms=frozenset(("RS256",)))
    other = Signer("PS256")
    other.key = signer.key
    assert verify(ring, other.token()) == "jwt_alg"


def test_a_key_that_is_none_verifies_nothing() -> None:
    for wrong in ({"x": "AAAA"}, {"y": b64(bytes(32))}, {"x": 7}, {"x": None}):
        assert verify(ring_of(ONE.jwk(**wrong)), ONE.token()) == "jwt_signature"


@pytest.mark.parametrize(
    "document", [b"", b"{", b"[]", b'{"keys": 1}', b'{"keys": [1]}', b"{}", b"[" * 100_000, b"\xff", b"<html>"]
)
def test_what_is_no_set(document: bytes) -> None:
    with pytest.raises(ValueError, match="it is no JWK Set"):
        KeyRing(document, ALGORITHMS)


def test_a_set_is_bounded() -> None:
    assert len(read_keys(json.dumps({"keys": [{}] * MAX_KEYS}).encode())) == MAX_KEYS
    with pytest.raises(ValueError, match="it has 1001 keys"):
        read_keys(json.dumps({"keys": [{}] * (MAX_KEYS + 1)}).encode())


def test_members_that_nobody_knows_are_passed_over() -> None:
    assert verify(KeyRing(key_set(ONE, x5c=["MII"], issuer="https://a/{tenantid}"), ALGORITHMS), ONE.token()) == ""
