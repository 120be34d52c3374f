"""Tokens and keys as issuers make them, written down with `cryptography` alone: not by the hand under test."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

NOW = 1_790_000_000
ISSUER = "https://id.example.com"
_CURVES: dict[str, tuple[ec.EllipticCurve, str, int]] = {
    "ES256": (ec.SECP256R1(), "P-256", 32),
    "ES384": (ec.SECP384R1(), "P-384", 48),
    "ES512": (ec.SECP521R1(), "P-521", 66),
}
_HASHES: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_BITS = {"ES256": "256", "ES384": "384", "ES512": "512"}
_RSA = [rsa.generate_private_key(65537, 2048)]  # a tenth of a second each


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def part(content: Any) -> str:
    return b64(json.dumps(content).encode())


class Signer:
    """An issuer's key."""

    def __init__(self, algorithm: str = "ES256", kid: str | None = "k1") -> None:
        self.algorithm = algorithm
        self.kid = kid
        self.key: Any
        if algorithm in _CURVES:
            self.key = ec.generate_private_key(_CURVES[algorithm][0])
        elif algorithm in ("EdDSA", "Ed25519"):
            self.key = ed25519.Ed25519PrivateKey.generate()
        else:
            self.key = _RSA[0]

    def jwk(self, **more: Any) -> dict[str, Any]:
        """The public key; ``more`` are further members."""
        public = self.key.public_key()
        said: dict[str, Any] = {} if self.kid is None else {"kid": self.kid}
        if self.algorithm in _CURVES:
            _, name, size = _CURVES[self.algorithm]
            numbers = public.public_numbers()
            x, y = b64(numbers.x.to_bytes(size, "big")), b64(numbers.y.to_bytes(size, "big"))
            said |= {"kty": "EC", "crv": name, "x": x, "y": y}
        elif self.algorithm in ("EdDSA", "Ed25519"):
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            said |= {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
        else:
            numbers = public.public_numbers()
            modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
            said |= {"kty": "RSA", "n": b64(modulus), "e": b64(numbers.e.to_bytes(3, "big"))}
        return said | more

    def pem(self) -> str:
        public = self.key.public_key()
        octets: bytes = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return octets.decode()

    def sign(self, signed: bytes) -> bytes:
        if self.algorithm in _CURVES:
            size = _CURVES[self.algorithm][2]
            r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(_HASHES[_BITS[self.algorithm]])))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        if self.algorithm in ("EdDSA", "Ed25519"):
            return bytes(self.key.sign(signed))
        digest = _HASHES[self.algorithm[2:]]
        if self.algorithm.startswith("PS"):
            pad: Any = padding.PSS(padding.MGF1(digest), digest.digest_size)
        else:
            pad = padding.PKCS1v15()
        return bytes(self.key.sign(signed, pad, digest))

    def token(self, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None) -> bytes:
        """A token of ``claims``, good ones where there are none; ``header`` is what it says beside, or instead."""
        said: dict[str, Any] = {"alg": self.algorithm, "kid": self.kid, "typ": "at+jwt", **(header or {})}
        said = {name: value for name, value in said.items() if value is not None}
        signed = f"{part(said)}.{part(good_claims() if claims is None else claims)}".encode()
        return signed + b"." + b64(self.sign(signed)).encode()


def good_claims(**more: Any) -> dict[str, Any]:
    """What is taken at NOW; a claim of None is left out."""
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": "api",
        "sub": "u1",
        "client_id": "c1",
        "iat": NOW - 10,
        "exp": NOW + 300,
        "jti": "t1",
        "scope": "read write",
        **more,
    }
    return {name: value for name, value in said.items() if value is not None}


def key_set(*signers: Signer, **more: Any) -> bytes:
    """A JWK Set."""
    return json.dumps({"keys": [each.jwk(**more) for each in signers]}).encode()
