"""The request target (RFC 9112 section 3.2) and the one canonical path.

Two parsers that read a path differently are how a caller walks round a rule (Envoy CVE-2019-9901, APISIX
CVE-2021-43557). So the path is brought into one form here, and that form is matched, authorized, logged and forwarded;
what another parser could still read as a different path is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final, NamedTuple

from moongate.core.errors import BAD_REQUEST, METHOD_REFUSED, MessageRefused

# Already canonical: only characters that mean themselves, no empty segment, none that begins with a dot, no parameters.
# Possessive, for there is one way to match it: a fifth faster.
PLAIN_PATH: Final = rb"(?:(?:/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9_~!$&'()*+,=:@.-]*+)++/?+|/)"
PLAIN_QUERY: Final = rb"(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*+)?+"
_CANONICAL: Final = re.compile(PLAIN_PATH)
_ESCAPE: Final = re.compile(rb"%(..?)?", re.DOTALL)
_HEX_PAIR: Final = re.compile(rb"[0-9A-Fa-f]{2}")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Browsers send these raw although RFC 3986 wants them escaped; escaping them changes nothing that anybody could
# dispute.
_ESCAPED_RAW: Final = re.compile(rb"[\[\]|^`{}]")
_REFUSED_RAW: Final = re.compile(rb"[^A-Za-z0-9._~!$&'()*+,;=:@%/\[\]|^`{}-]")
# An escaped slash, backslash or NUL is a separator to some servers and a character to others.
_REFUSED_ESCAPES: Final = frozenset((0x00, 0x2F, 0x5C))
# As numbers: to look for b"%" CPython 3.11 first makes an exception and drops it, and takes six times as long.
PERCENT: Final = ord("%")
SEMICOLON: Final = ord(";")
_ALL_PARAMETERS: Final = re.compile(rb"(?:;|%3B)[^/]*")
_PARAMETERS: Final = re.compile(rb"(?:;|%3B).*", re.DOTALL)

# reg-name without sub-delims, IPv4 or a bracketed literal, and a port. Wider than DNS (underscores live in container
# names), narrower than RFC 3986: "a,b" or "a!b" is a list or a trick, never a host.
_AUTHORITY: Final = re.compile(rb"([A-Za-z0-9][A-Za-z0-9._-]*|\[([0-9A-Fa-f:.]{2,45})\])(?::([0-9]{1,5}))?")
_MAX_AUTHORITY_BYTES: Final = 255 + 6  # RFC 1035's longest name, and a port
_ABSOLUTE: Final = re.compile(rb"(?i:https?)://([^/?#]*)(/[^?]*)?(\?.*)?", re.DOTALL)


class Target(NamedTuple):
    """``query`` keeps its ``?``; ``authority`` is given by the absolute form alone."""

    path: bytes
    query: bytes
    authority: bytes | None = None


def split_target(method: bytes, target: bytes) -> Target:
    """Origin, absolute or asterisk form, as method and RFC 9112 section 3.2 allow. Raises MessageRefused."""
    if method == b"CONNECT" or method == b"TRACE":
        raise MessageRefused(METHOD_REFUSED, "method_refused")
    if b"#" in target:
        raise MessageRefused(BAD_REQUEST, "bad_target")
    if target.startswith(b"/"):
        path, mark, query = target.partition(b"?")
        return Target(canonical_path(path), mark + query)
    if target == b"*" and method == b"OPTIONS":
        return Target(b"*", b"")
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        raise MessageRefused(BAD_REQUEST, "bad_target")
    authority, path, query = absolute.groups()
    if method == b"OPTIONS" and path is None and query is None:
        return Target(b"*", b"", authority)  # RFC 9112 section 3.2.4
    return Target(canonical_path(path or b"/"), query or b"", authority)


def canonical_path(path: bytes) -> bytes:
    """The one form of ``path``: unreserved escapes decoded, others in upper case, slashes merged, dot segments
    resolved.

    Raises MessageRefused for what two parsers could read differently: ``%2F``, ``%5C``, ``%00``, a broken escape, a
    backslash, a segment that is a dot segment to servers that strip ``;parameters``, and dots that climb above the
    root.
    """
    if _CANONICAL.fullmatch(path) is not None:
        return path
    if _REFUSED_RAW.search(path) is not None:
        raise MessageRefused(BAD_REQUEST, "bad_path")
    path = _ESCAPED_RAW.sub(lambda found: b"%%%02X" % found[0][0], path)
    if b"%" in path:
        path = _ESCAPE.sub(_canonical_escape, path)
    return _resolve(path)


def _canonical_escape(found: re.Match[bytes]) -> bytes:
    digits = found[1] or b""
    if _HEX_PAIR.fullmatch(digits) is None:
        raise MessageRefused(BAD_REQUEST, "bad_path")
    octet = int(digits, 16)
    if octet in _REFUSED_ESCAPES:
        raise MessageRefused(BAD_REQUEST, "bad_path")
    return bytes((octet,)) if octet in _UNRESERVED else b"%" + digits.upper()


def _resolve(path: bytes) -> bytes:
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            if not kept:
                raise MessageRefused(BAD_REQUEST, "bad_path")
            kept.pop()
        elif segment in (b"", b"."):
            continue
        elif _PARAMETERS.sub(b"", segment, count=1) in (b"", b".", b".."):
            raise MessageRefused(BAD_REQUEST, "bad_path")
        else:
            kept.append(segment)
    directory = segments[-1] in (b"", b".", b"..") and kept
    return b"/" + b"/".join(kept) + (b"/" if directory else b"")


def without_parameters(path: bytes) -> bytes:
    """The canonical ``path`` as a server reads it that takes what follows a ``;`` for parameters of the segment (RFC
    3986 section 3.3)."""
    return _ALL_PARAMETERS.sub(b"", path) if SEMICOLON in path or PERCENT in path else path


def host_of(authority: bytes) -> bytes | None:
    """The host of a Host field value in lower case, without port or final dot; None where the value is no host."""
    return _remembered_host(authority) if len(authority) <= _MAX_AUTHORITY_BYTES else None


@lru_cache(maxsize=1024)
def _remembered_host(authority: bytes) -> bytes | None:
    found = _AUTHORITY.fullmatch(authority)
    if found is None or int(found[3] or b"0") > 65535:
        return None
    if found[2] is not None and not _is_ipv6(found[2]):
        return None
    host: bytes = found[1].lower()
    return host[:-1] if host.endswith(b".") else host


def _is_ipv6(address: bytes) -> bool:
    try:
        IPv6Address(address.decode("ascii"))
    except ValueError:
        return False
    return True
