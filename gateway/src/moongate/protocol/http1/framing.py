"""Where a message ends (RFC 9112 section 6), decided once and strictly.

Two readers that disagree on it are request smuggling (HAProxy CVE-2021-40346, Node CVE-2022-32213): nothing ambiguous
is repaired here, it is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_TOKENS: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MAX_REMEMBERED: Final = 64  # octets; a field of 8 KiB can name thousands of options, and 256 of them 60 MiB


class ConnectionOptions(NamedTuple):
    """What a Connection field asks for. ``names`` are the fields it nominates, in lower case."""

    close: bool
    keep_alive: bool
    names: frozenset[bytes]


def connection_options(value: bytes) -> ConnectionOptions | None:
    """The options of one Connection field (RFC 9110 section 7.6.1); None where one is no token."""
    return _remembered_options(value) if len(value) <= _MAX_REMEMBERED else _options_of(value)


def _options_of(value: bytes) -> ConnectionOptions | None:
    options = [option.strip(b" \t").lower() for option in value.split(b",")]
    named = frozenset(option for option in options if option)
    if any(_TOKENS.fullmatch(option) is None for option in named):
        return None
    return ConnectionOptions(b"close" in named, b"keep-alive" in named, named - {b"close", b"keep-alive"})


_remembered_options: Final = lru_cache(maxsize=256)(_options_of)


def length_of(value: bytes) -> int | None:
    """A Content-Length's value (1 to 18 digits, nothing else), or None."""
    return int(value) if _LENGTH.fullmatch(value) is not None else None


def is_chunked(value: bytes) -> bool:
    """Whether a Transfer-Encoding is exactly ``chunked``, the only one that is spoken here."""
    return value == b"chunked" or value.lower() == b"chunked"


def has_token(value: bytes, token: bytes) -> bool:
    """Whether a comma-separated list, as in TE, holds ``token`` (lower case), leaving parameters aside."""
    return any(item.partition(b";")[0].strip(b" \t").lower() == token for item in value.split(b","))


def framing_reason(error: str) -> str | None:
    """The reason for the log where llhttp's ``error`` is about framing; its texts are fixed strings."""
    if "present with" in error:
        return "cl_te"
    if "Transfer-Encoding" in error:
        return "bad_te"
    return "bad_cl" if "Content-Length" in error else None
