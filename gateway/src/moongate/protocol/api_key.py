"""API keys as accounts makes them: what can be told of one without looking anything up.

    mg_<env>_<id>_<secret><checksum>        mg_live_k3JdYq0PzR5x_9fK…(32)…2c0Xb1

``env`` is 1 to 16 of a-z0-9; ``id`` 12, ``secret`` 32 and ``checksum`` 6 characters of base62. The id is public: it may
stand in a log. Of the key itself accounts keeps a MAC alone, made with a pepper that only gateways are told.
"""

from __future__ import annotations

import hmac
import re
import zlib
from typing import Final

PREFIX: Final = b"mg_"
MAC_BYTES: Final = 16
_CHECKSUM_CHARS: Final = 6
_DIGITS: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KEY: Final = re.compile(rb"mg_[a-z0-9]{1,16}_([0-9A-Za-z]{12})_[0-9A-Za-z]{38}")


def public_id(key: bytes) -> bytes | None:
    """The id in ``key``; None where it is no key, or was mistyped: its checksum is another one."""
    match = _KEY.fullmatch(key)
    if match is None or checksum(key[:-_CHECKSUM_CHARS]) != key[-_CHECKSUM_CHARS:]:
        return None
    return match[1]


def checksum(text: bytes) -> bytes:
    """The CRC-32 (ISO-HDLC) of what stands before it, as six digits of base62."""
    number = zlib.crc32(text)
    digits = bytearray(_CHECKSUM_CHARS)
    for place in range(_CHECKSUM_CHARS - 1, -1, -1):
        number, digit = divmod(number, 62)
        digits[place] = _DIGITS[digit]
    return bytes(digits)


def mac_of(key: bytes, pepper: bytes) -> bytes:
    """What accounts keeps of ``key``: the first octets of its HMAC-SHA-256 under ``pepper``."""
    return hmac.digest(pepper, key, "sha256")[:MAC_BYTES]


def is_genuine(key: bytes, pepper: bytes, mac: bytes) -> bool:
    """Whether ``mac`` is of ``key``; in a time that does not depend on where they differ."""
    return hmac.compare_digest(mac_of(key, pepper), mac)
