"""Signatures on joserfc, which brings the algorithms and the keys; what a message may look like is judged here.

- Nothing is decoded of what is longer than 8 KiB, or has not three parts.
- The algorithm must be one of three, and must be that of the key: there is no `none` and no HMAC to be confused with.
- A header that says where to find a key (`jku`, `jwk`, `x5u`, `x5c`) or that something must be understood (`crit`,
  `b64`, `zip`) is refused: keys come from the database alone.
- An ECDSA signature has its one length, and neither half is zero (CVE-2022-21449).
"""

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, thumbprint
from joserfc.jws import JWSRegistry

from accounts.domain.credentials import Pepper
from accounts.domain.errors import PepperUnavailableError
from accounts.domain.oauth import MAX_JOSE, BadTokenError
from accounts.domain.signing_key import Algorithm, SealedKey, SigningKey

TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - a media type (RFC 9068 section 2.1)
RSA_OCTETS: Final = range(256, 513)
MAX_EXPONENT: Final = 4
_NONCE = 12
_PARTS = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_FORBIDDEN = frozenset({"crit", "b64", "zip", "jku", "jwk", "x5u", "x5c"})
_USES = frozenset({"use", "key_ops", "alg", "x5c", "x5u", "x5t", "x5t#S256"})
_ALGORITHMS = {
    "ES256": JWSRegistry.algorithms["ES256"],
    "RS256": JWSRegistry.algorithms["RS256"],
    "EdDSA": JWSRegistry.algorithms["Ed25519"],
    "Ed25519": JWSRegistry.algorithms["Ed25519"],
}
AnyKey = ECKey | RSAKey | OKPKey


class JoserfcJose:
    """The port `Jose`."""

    def __init__(self) -> None:
        # Stands in where a client has no key, so that an assertion for it takes the time of any other.
        self._dummy = ECKey.generate_key("P-256")

    def generate(self, algorithm: Algorithm, pepper: Pepper) -> tuple[str, dict[str, Any], SealedKey]:
        made: AnyKey
        match algorithm:
            case Algorithm.ES256:
                made = ECKey.generate_key("P-256")
            case Algorithm.RS256:
                made = RSAKey.generate_key(2048)
            case Algorithm.EDDSA:
                made = OKPKey.generate_key("Ed25519")
        kid = thumbprint(made.as_dict(private=False))
        public = {**made.as_dict(private=False), "kid": kid, "alg": algorithm.value, "use": "sig"}
        nonce = os.urandom(_NONCE)
        private = json.dumps(made.as_dict(private=True)).encode()
        return kid, public, SealedKey(nonce + _sealer(pepper).encrypt(nonce, private, kid.encode()), pepper.version)

    def signer(self, key: SigningKey, pepper: Pepper) -> "JoserfcSigner":
        octets = key.sealed.octets
        try:
            private = _sealer(pepper).decrypt(octets[:_NONCE], octets[_NONCE:], key.kid.encode())
        except InvalidTag:
            raise PepperUnavailableError(f"pepper {pepper.version} does not open the signing key {key.kid}") from None
        return JoserfcSigner(key, _import(json.loads(private)))

    def open_token(self, text: str, keys: Sequence[SigningKey]) -> dict[str, Any]:
        header, signed, signature = _split(text)
        if str(header.get("typ")).lower() not in (TOKEN_TYPE, f"application/{TOKEN_TYPE}"):
            raise BadTokenError
        key = next((key for key in keys if key.kid == header.get("kid")), None)
        if key is None or header["alg"] != key.algorithm.value:
            raise BadTokenError
        _check(header["alg"], signed, signature, _import(key.public))
        return _claims(signed)

    def open_assertion(self, text: str, jwks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        header, signed, signature = _split(text)
        if str(header.get("typ", "JWT")).upper() != "JWT":
            raise BadTokenError
        kid = header.get("kid")
        fitting = [jwk for jwk in jwks if kid is None or jwk.get("kid", kid) == kid]
        fitting = [jwk for jwk in fitting if _fits(jwk, header["alg"])]
        if not fitting:
            _verify("ES256", signed, bytes([1] * 64), self._dummy)
            raise BadTokenError
        if not any(_verify(header["alg"], signed, signature, _import(jwk)) for jwk in fitting):
            raise BadTokenError
        return _claims(signed)

    def claimed_subject(self, text: str) -> str:
        try:
            subject = _claims(_split(text)[1]).get("sub")
        except BadTokenError:
            return ""
        return subject if isinstance(subject, str) else ""

    def check_client_key(self, jwk: Mapping[str, Any]) -> str | None:
        try:
            if jwk.get("kty") == "RSA" and len(_decode(jwk["n"])) not in RSA_OCTETS:
                return "must have 2048 to 4096 bits"
            if jwk.get("kty") == "RSA" and len(_decode(jwk["e"])) > MAX_EXPONENT:  # the cost of a verification
                return f"has an exponent of more than {MAX_EXPONENT} octets"
            key = _import(jwk)
            if isinstance(key, ECKey | OKPKey) and jwk.get("crv") not in ("P-256", "Ed25519"):
                return "must be on P-256 or Ed25519"
            if jwk.get("alg") is not None and not _fits(jwk, str(jwk["alg"])):
                return "has an alg that is not ES256, RS256 or EdDSA, or not its own"
            kid = jwk.get("kid")
            if kid is not None and not (isinstance(kid, str) and 1 <= len(kid) <= 128):
                return "has a kid that is not 1 to 128 characters"
        except (BadTokenError, JoseError, ValueError, TypeError, KeyError, binascii.Error):
            return "is no public JWK of kty EC, RSA or OKP"
        return None


class JoserfcSigner:
    """The port `Signer`. The header is the same for every token, so it is encoded once."""

    def __init__(self, key: SigningKey, private: AnyKey) -> None:
        header = {"typ": TOKEN_TYPE, "alg": key.algorithm.value, "kid": key.kid}
        self._header = _encode(json.dumps(header, separators=(",", ":")).encode())
        self._algorithm = _ALGORITHMS[key.algorithm.value]
        self._private = private

    def sign(self, claims: Mapping[str, Any]) -> str:
        signed = f"{self._header}.{_encode(json.dumps(claims, separators=(',', ':')).encode())}"
        return f"{signed}.{_encode(self._algorithm.sign(signed.encode(), self._private))}"


def _split(text: str) -> tuple[dict[str, Any], str, bytes]:
    """The header, what was signed, and the signature. Raises BadTokenError."""
    if len(text) > MAX_JOSE or (parts := _PARTS.fullmatch(text)) is None:
        raise BadTokenError
    header = _object(parts[1])
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in _ALGORITHMS or _FORBIDDEN & header.keys():
        raise BadTokenError
    return header, f"{parts[1]}.{parts[2]}", _decode(parts[3])


def _claims(signed: str) -> dict[str, Any]:
    return _object(signed.partition(".")[2])


def _check(alg: str, signed: str, signature: bytes, key: AnyKey) -> None:
    if not _verify(alg, signed, signature, key):
        raise BadTokenError


def _verify(alg: str, signed: str, signature: bytes, key: AnyKey) -> bool:
    if alg == "ES256" and not (len(signature) == 64 and any(signature[:32]) and any(signature[32:])):
        return False
    try:
        return bool(_ALGORITHMS[alg].verify(signed.encode(), signature, key))
    except (JoseError, ValueError):
        return False


def _fits(jwk: Mapping[str, Any], alg: str) -> bool:
    wanted = {"ES256": ("EC", "P-256"), "RS256": ("RSA", None)}.get(alg, ("OKP", "Ed25519"))
    named = jwk.get("alg")
    is_named = named is None or named == alg or {named, alg} == {"EdDSA", "Ed25519"}
    return alg in _ALGORITHMS and (jwk.get("kty"), jwk.get("crv")) == wanted and is_named


def _import(jwk: Mapping[str, Any]) -> AnyKey:
    # Of what a client registered only the key itself counts: not how it says that it may be used.
    bare = {name: jwk[name] for name in jwk if name not in _USES}
    match jwk.get("kty"):
        case "EC":
            return ECKey.import_key(bare)
        case "RSA":
            return RSAKey.import_key(bare)
        case "OKP":
            return OKPKey.import_key(bare)
    raise BadTokenError


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decode(part).decode("utf-8"), object_pairs_hook=_members)
    except (ValueError, RecursionError):
        raise BadTokenError from None
    if not isinstance(value, dict):
        raise BadTokenError
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is there twice")
    return members


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise BadTokenError from None
    if _encode(octets) != text:  # another spelling of the same octets would be another token to who remembers texts
        raise BadTokenError
    return octets


def _sealer(pepper: Pepper) -> AESGCM:
    # Another key than that of the hashes, from the same secret, so that neither use can weaken the other.
    return AESGCM(HKDF(hashes.SHA256(), 32, None, b"accounts signing key").derive(pepper.secret))
