"""Signatures: what holds, and what must not."""

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from accounts.adapters.jose import JoserfcJose
from accounts.domain.credentials import Pepper
from accounts.domain.errors import PepperUnavailableError
from accounts.domain.oauth import BadTokenError
from accounts.domain.signing_key import Algorithm, SigningKey

PEPPER = Pepper(1, b"p" * 32)
CLAIMS = {"sub": "a", "jti": "j"}


@pytest.fixture(scope="module")
def jose() -> JoserfcJose:
    return JoserfcJose()


def make(jose: JoserfcJose, algorithm: Algorithm = Algorithm.ES256) -> SigningKey:
    kid, public, sealed = jose.generate(algorithm, PEPPER)
    return SigningKey(1, kid, algorithm, public, sealed, 0, 0)


def part(value: Any) -> str:
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_what_is_signed_is_opened_with_the_public_key_alone(jose: JoserfcJose, algorithm: Algorithm) -> None:
    key = make(jose, algorithm)
    text = jose.signer(key, PEPPER).sign(CLAIMS)
    assert jose.open_token(text, [make(jose), key]) == CLAIMS
    assert not {"d", "p", "q"} & key.public.keys()
    with pytest.raises(BadTokenError):
        jose.open_token(text, [make(jose, algorithm)])


def test_a_sealed_key_opens_under_its_pepper_only(jose: JoserfcJose) -> None:
    key = make(jose)
    with pytest.raises(PepperUnavailableError, match="does not open"):
        jose.signer(key, Pepper(1, b"q" * 32))
    assert b'"d"' not in key.sealed.octets


def test_no_octet_of_a_token_may_change(jose: JoserfcJose) -> None:
    key = make(jose)
    text = jose.signer(key, PEPPER).sign(CLAIMS)
    for index in range(len(text)):
        changed = text[:index] + ("A" if text[index] != "A" else "B") + text[index + 1 :]
        with pytest.raises(BadTokenError):
            jose.open_token(changed, [key])


def test_confusions_are_refused(jose: JoserfcJose) -> None:
    key = make(jose)
    good = jose.signer(key, PEPPER).sign(CLAIMS)
    header, claims, signature = good.split(".")
    head = {"typ": "at+jwt", "alg": "ES256", "kid": key.kid}
    as_secret = OctKey.import_key(json.dumps(key.public).encode())
    hashed = jwt.encode({**head, "alg": "HS256"}, CLAIMS, as_secret, algorithms=["HS256"])
    empty = part(bytes(64))
    half = part(bytes(32) + base64.urlsafe_b64decode(signature + "==")[32:])
    for text in (
        f"{part({**head, 'alg': 'none'})}.{claims}.",
        f"{part({**head, 'alg': 'none'})}.{claims}.{signature}",
        hashed,
        f"{part({**head, 'alg': 'RS256'})}.{claims}.{signature}",
        f"{part({**head, 'typ': 'JWT'})}.{claims}.{signature}",
        f"{header}.{claims}.{empty}",
        f"{header}.{claims}.{half}",
        f"{header}.{claims}.{signature[:-4]}",
        f"{header}.{claims}",
        f"{good}.x",
        f"{good}=",
        f" {good}",
        f"{part([])}.{claims}.{signature}",
        f"{part(b'{')}.{claims}.{signature}",
        f"{part(b'{}' * 3)}.{claims}.{signature}",
        f"{part(b'[' * 3000)}.{claims}.{signature}",
        f"{part(bytes([255]))}.{claims}.{signature}",
    ):
        with pytest.raises(BadTokenError):
            jose.open_token(text, [key])


@pytest.mark.parametrize("name", ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"])
def test_what_points_elsewhere_is_refused_though_the_signature_holds(jose: JoserfcJose, name: str) -> None:
    """Signed with a good key: only the header is wrong, so nothing may have been followed."""
    key = ECKey.generate_key("P-256")
    head = {"alg": "ES256", name: ["exp"] if name == "crit" else "http://127.0.0.1:1/keys"}
    signed = f"{part(head)}.{part(CLAIMS)}"
    # By hand, so that no library's own refusal stands in the way.
    r, s = decode_dss_signature(key.raw_value.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    text = f"{signed}.{part(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    with pytest.raises(BadTokenError):
        jose.open_assertion(text, [key.as_dict(private=False)])


def test_a_huge_token_costs_nothing(jose: JoserfcJose) -> None:
    began = time.perf_counter()
    for text in ("A" * 50_000_000, "." * 50_000_000, f"{part({'alg': 'ES256'})}.{'A' * 10_000}.AA"):
        with pytest.raises(BadTokenError):
            jose.open_token(text, [])
        assert jose.claimed_subject(text) == ""
    assert time.perf_counter() - began < 1


def test_members_that_are_there_twice_are_refused(jose: JoserfcJose) -> None:
    twice = part(b'{"alg":"ES256","alg":"ES256"}')
    with pytest.raises(BadTokenError):
        jose.open_assertion(f"{twice}.{part(CLAIMS)}.AAAA", [])


@pytest.mark.parametrize("alg", [[], {}, ["ES256"], None, True, 1.5])
def test_an_alg_that_is_no_text_is_refused(jose: JoserfcJose, alg: Any) -> None:
    text = f"{part({'alg': alg, 'typ': 'at+jwt'})}.{part(CLAIMS)}.{part(bytes(64))}"
    with pytest.raises(BadTokenError):
        jose.open_token(text, [])
    with pytest.raises(BadTokenError):
        jose.open_assertion(text, [])
    assert jose.claimed_subject(text) == ""


@pytest.mark.parametrize("alg", ["ES256", "RS256", "Ed25519"])
def test_assertions_are_opened_with_the_keys_that_fit(jose: JoserfcJose, alg: str) -> None:
    made: dict[str, ECKey | RSAKey | OKPKey] = {
        "ES256": ECKey.generate_key("P-256"),
        "RS256": RSAKey.generate_key(2048),
        "Ed25519": OKPKey.generate_key("Ed25519"),
    }
    publics = [{**key.as_dict(private=False), "kid": name} for name, key in made.items()]
    for header in ({"alg": alg}, {"alg": alg, "kid": alg, "typ": "JWT"}):
        text = jwt.encode(header, CLAIMS, made[alg], algorithms=[alg])
        assert jose.open_assertion(text, publics) == CLAIMS
        assert jose.claimed_subject(text) == "a"
    for header in ({"alg": alg, "kid": "other"}, {"alg": alg, "typ": "at+jwt"}):
        text = jwt.encode(header, CLAIMS, made[alg], algorithms=[alg])
        with pytest.raises(BadTokenError):
            jose.open_assertion(text, publics)
    text = jwt.encode({"alg": alg}, CLAIMS, made[alg], algorithms=[alg])
    with pytest.raises(BadTokenError):
        jose.open_assertion(text, [{**public, "alg": "PS256"} for public in publics])


def test_client_keys_are_strong_and_of_a_kind_that_is_verified(jose: JoserfcJose) -> None:
    good = ECKey.generate_key("P-256").as_dict(private=False)
    assert jose.check_client_key({**good, "kid": "a", "alg": "ES256", "use": "sig"}) is None
    assert jose.check_client_key(OKPKey.generate_key("Ed25519").as_dict(private=False)) is None
    for wrong in (
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {**good, "y": good["x"]},
        {**good, "x": 7},
        {**good, "alg": "HS256"},
        {**good, "alg": "RS256"},
        {**good, "kid": "x" * 200},
        ECKey.generate_key("P-384").as_dict(private=False),
        {"kty": "RSA", "n": part(b"\xff" * 128), "e": "AQAB"},
        {"kty": "RSA", "n": part(b"\xff" * 1025), "e": "AQAB"},
        {"kty": "RSA", "n": part(b"\xff" * 256), "e": part(b"\xff" * 256)},
    ):
        assert jose.check_client_key(wrong), wrong
