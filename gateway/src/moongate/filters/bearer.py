"""What an Authorization field of the scheme Bearer shows: a token, or a key of accounts."""

from __future__ import annotations

from typing import Final

_SCHEME: Final = b"bearer "


def bearer_credential(authorization: bytes | None) -> bytes | None:
    """What it shows (RFC 6750 section 2.1); None for another scheme, and for no field."""
    if authorization is None or authorization[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return authorization[len(_SCHEME) :].strip(b" ")
