"""The gateway's own cookies among those that a browser sends: how they are called, found, set and kept from others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION: Final = "moongate-session-"
LOGIN: Final = "moongate-login-"
MARK: Final = b"moongate-"
"""What is in all of their names."""
_HOST: Final = "__Host-"  # RFC 6265bis section 4.1.3.2: Secure, for this host alone, and nobody else's to set
_OWN: Final = re.compile(rb"(?:__Host-)?moongate-(?:session|login)-")


def cookie_name(name: str, *, is_secure: bool) -> str:
    """As it is called over https, and over http."""
    return _HOST + name if is_secure else name


def set_cookie(name: str, value: str, seconds: int, *, is_secure: bool) -> bytes:
    """The value of a Set-Cookie field; ``seconds`` of 0 have it forgotten."""
    secure = "; Secure" if is_secure else ""
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}".encode("ascii")


def cookies_of(lines: bytes) -> Iterator[tuple[str, bytes]]:
    """The gateway's own cookies among a request's field ``lines``, as names and values."""
    for value in cookie_fields(lines):
        for piece in value.split(b";"):
            name, _, content = piece.strip(b" \t").partition(b"=")
            if _OWN.match(name) is not None:
                yield name.decode("latin-1"), content


def cookie_fields(lines: bytes) -> list[bytes]:
    """The values of the Cookie fields among ``lines``; of HTTP/2 there may be several."""
    return [
        line[len(b"cookie:") :].strip(b" \t")
        for line in lines.split(b"\r\n")
        if line[: len(b"cookie:")].lower() == b"cookie:"
    ]


def without_own(value: bytes) -> bytes:
    """A Cookie field's ``value`` but for the gateway's own cookies; what is left is left as it was."""
    kept = [piece for piece in value.split(b";") if _OWN.match(piece.strip(b" \t")) is None]
    return b";".join(kept).strip(b" \t") if len(kept) <= value.count(b";") else value
