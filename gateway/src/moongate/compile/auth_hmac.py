"""The plan of ``hmac``: every key read, and all that is wrong with them told."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from moongate.filters.hmac import ED25519, HMAC_SHA256, HmacPlan, SigningKeyPlan

if TYPE_CHECKING:
    from moongate.config.model_auth_hmac import HmacConfig, SigningKeyConfig

MIN_SECRET_BYTES: Final = 32  # RFC 2104 section 3: as much as the hash gives
_HOW: Final = "`openssl rand -base64 48` prints a good one"


def hmac_plan(settings: HmacConfig, *, has_accounts: bool) -> HmacPlan:
    """Raises ValueError for what can not work."""
    if settings.known_to_accounts and not has_accounts:
        raise ValueError("known_to_accounts needs `accounts: {url: ..., token: ...}` at the top of the config")
    keys: list[SigningKeyPlan] = []
    wrong: list[str] = []
    for name, each in settings.keys.items():
        try:
            keys.append(_key(name, each))
        except ValueError as error:
            wrong.append(f"the key {name}: {error}")
    if wrong:
        raise ValueError(f"hmac: {'; '.join(wrong)}")
    return HmacPlan(tuple(keys), settings.window, settings.known_to_accounts)


def _key(name: str, settings: SigningKeyConfig) -> SigningKeyPlan:
    """Raises ValueError, which tells nothing of a key."""
    if settings.secret is not None:
        return SigningKeyPlan(name, settings.client, HMAC_SHA256, _secret(settings.secret))
    assert settings.public_key is not None
    return SigningKeyPlan(name, settings.client, ED25519, _public_key(settings.public_key))


def _secret(text: str) -> bytes:
    try:
        octets = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"its secret is not base64; {_HOW}") from None
    if len(octets) < MIN_SECRET_BYTES:
        raise ValueError(f"its secret has {len(octets)} octets, and needs {MIN_SECRET_BYTES}; {_HOW}")
    return octets


def _public_key(text: str) -> bytes:
    if "PRIVATE" in text:
        raise ValueError("that is a private key: give the gateway the public one, which is all it needs")
    try:
        key = load_pem_public_key(text.encode("utf-8"))
    except ValueError:
        raise ValueError("its public key is not PEM (-----BEGIN PUBLIC KEY-----)") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("its public key is not of Ed25519; `openssl genpkey -algorithm ed25519` makes one")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
