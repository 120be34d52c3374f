"""Query parameters that the gateway puts in, so that a list shows what a client may see, or takes out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping


def forced(query: bytes, parameters: Mapping[str, str]) -> bytes:
    """``query``, with its ``?`` or empty, as it goes on: whatever it said under these names, however they were encoded,
    is gone, and ``parameters`` stand behind the rest."""
    names = {name.encode("utf-8") for name in parameters}
    # Some servers begin another parameter at a semicolon (CVE-2021-23336).
    kept = [
        pair for pair in query[1:].split(b"&") if pair and names.isdisjoint(_name(part) for part in pair.split(b";"))
    ]
    kept += [f"{quote(name, safe='')}={quote(value, safe='')}".encode("ascii") for name, value in parameters.items()]
    return b"?" + b"&".join(kept) if kept else b""


def taken(query: bytes, name: bytes) -> tuple[bytes | None, bytes]:
    """The first value of parameter ``name``, decoded, or None; and ``query`` without any of that name."""
    pairs = [pair for pair in query[1:].split(b"&") if pair]
    values = [unquote_to_bytes(pair.partition(b"=")[2].replace(b"+", b" ")) for pair in pairs if _name(pair) == name]
    if not values:
        return None, query
    kept = [pair for pair in pairs if _name(pair) != name]
    return values[0], b"?" + b"&".join(kept) if kept else b""


def said_twice(query: bytes, name: bytes) -> bool:
    """Whether parameter ``name`` stands more than once in ``query``: some read the first and some the last."""
    return [_name(pair) for pair in query[1:].split(b"&") if pair].count(name) > 1


def _name(pair: bytes) -> bytes:
    return unquote_to_bytes(pair.partition(b"=")[0].replace(b"+", b" "))
