"""Requests signed by a stranger's hand: http-message-signatures, which shares nothing with the gateway but the parser
of structured fields."""

from __future__ import annotations

import base64
import datetime
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from http_message_signatures import HTTPMessageSigner, algorithms

SECRET = bytes(range(48))
SECRET_TEXT = base64.b64encode(SECRET).decode()
PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_PEM = PRIVATE_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
COVERED = ("@method", "@target-uri")


class _Keys:
    def __init__(self, key: Any) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:
        return self._key

    resolve_public_key = resolve_private_key


@dataclass
class Message:
    """What the signer takes for a request."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


def signed(method: str, url: str, body: bytes | None = None, **how: Any) -> list[str]:
    """The header lines of a request signed now, by SECRET as key ``partner``. ``how`` may say another ``key`` and
    ``key_id``, when it was made (``created``), and whatever the signer takes; ``headers`` are signed with it."""
    key: Any = how.pop("key", SECRET)
    algorithm = algorithms.ED25519 if isinstance(key, Ed25519PrivateKey) else algorithms.HMAC_SHA256
    message = Message(method, url, dict(how.pop("headers", {})))
    created = datetime.datetime.fromtimestamp(how.pop("created", time.time()), datetime.UTC)
    how.setdefault("covered_component_ids", COVERED)
    how.setdefault("key_id", "partner")
    signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=_Keys(key))
    signer.sign(message, created=created, body=body, **how)
    return [f"{name}: {value}" for name, value in message.headers.items()]
