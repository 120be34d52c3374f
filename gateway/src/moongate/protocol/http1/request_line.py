"""The request line (RFC 9112 section 3), spelled in the one way that the grammar gives; llhttp reads more widely.

It is judged as soon as it is whole: a client that speaks something else hears so at once, not when its time is up.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from moongate.core.errors import BAD_REQUEST, HEADERS_TOO_LARGE, URI_TOO_LONG, VERSION_NOT_SUPPORTED, MessageRefused
from moongate.core.limits import MAX_LINE_BYTES

_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/1\.([01])\r\n")
_LATER_VERSION: Final = re.compile(rb"[!-~]+ [!-~]+ HTTP/[2-9](?:\.[0-9])?\r\n")
_NOT_IN_LINE: Final = re.compile(rb"[^ -~\r]")


class RequestLine(NamedTuple):
    """``size`` counts the line's octets with its CR LF."""

    method: bytes
    target: bytes
    minor: int
    size: int


def read_line(raw: bytes) -> RequestLine:
    """The request line that ``raw``, which holds an LF, begins with. Raises MessageRefused."""
    found = _LINE.match(raw)
    if found is None:
        if _LATER_VERSION.match(raw) is not None:
            raise MessageRefused(VERSION_NOT_SUPPORTED, "bad_version")
        raise MessageRefused(BAD_REQUEST, "bad_request_line")
    method, target, minor = found.groups()
    if len(target) > MAX_LINE_BYTES:
        raise MessageRefused(URI_TOO_LONG, "target_too_long")
    return RequestLine(method, target, 1 if minor == b"1" else 0, found.end())


def check_unfinished_line(piece: bytes) -> None:
    """Raises MessageRefused where ``piece``, without an LF, can not be part of any request line: TLS, as a rule."""
    if _NOT_IN_LINE.search(piece) is not None:
        raise MessageRefused(BAD_REQUEST, "bad_request_line")


def too_large(raw: bytes) -> MessageRefused:
    """The refusal of a head that is not whole at the limit: is it the target that is too long, or the fields?"""
    if b"\n" not in raw:
        return MessageRefused(URI_TOO_LONG, "target_too_long")
    try:
        read_line(raw)
    except MessageRefused as refused:
        return refused
    return MessageRefused(HEADERS_TOO_LARGE, "head_too_large")
