"""``Content-Digest`` (RFC 9530 section 2), and the body held against it as it passes."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from moongate.core.errors import CREDENTIALS_INVALID
from moongate.filters.signature_form import SignatureRefused, all_of, dictionary
from moongate.filters.verdicts import Refusal

_ALGORITHMS: Final = {"sha-512": hashlib.sha512, "sha-256": hashlib.sha256}  # the stronger first; no others are safe
_REASON: Final = "content_digest"
_WRONG: Final = Refusal(CREDENTIALS_INVALID, _REASON, ((b"WWW-Authenticate", b"Signature"),))


class BodyDigest:
    """Takes the body piece by piece, and keeps none of it (core.exchange.BodyCheck)."""

    __slots__ = ("_expected", "_hash")

    def __init__(self, algorithm: str, expected: bytes) -> None:
        self._hash = _ALGORITHMS[algorithm]()
        self._expected = expected

    def update(self, data: bytes) -> None:
        self._hash.update(data)

    def verdict(self) -> Refusal | None:
        return None if hmac.compare_digest(self._hash.digest(), self._expected) else _WRONG


def read_digest(lines: bytes) -> BodyDigest:
    """What the field among ``lines`` says that the body is. Raises SignatureRefused."""
    said = dictionary(all_of(lines, b"content-digest"), _REASON)
    for algorithm in _ALGORITHMS:
        if algorithm in said:
            expected = said[algorithm][0]
            if not isinstance(expected, bytes):
                break
            return BodyDigest(algorithm, expected)
    raise SignatureRefused(_REASON)
