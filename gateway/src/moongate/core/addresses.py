"""Addresses of callers, where what one of them does is counted."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address


@lru_cache(4096)
def origin_of(remote: str) -> str:
    """Whom an address stands for: of IPv6 one network of 64 bits, whose addresses are all one caller's to choose."""
    if ":" not in remote:
        return remote
    return str(IPv6Address(int(IPv6Address(remote.partition("%")[0])) >> 64 << 64))
