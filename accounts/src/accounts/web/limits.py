"""Floods are slowed: so many requests a second for an address, so many tokens for a client, and no more.

Token buckets in the memory of the process, as many as `MAX_KEYS`; the one asked longest ago is forgotten first. What an
address asks is counted whoever it says to be; tokens are counted for a client that has proved who it is, so that nobody
can use up what is another's.
"""

import ipaddress
import threading
from collections import OrderedDict

from accounts.domain.times import SECOND
from servicekit.core.values import Clock

MAX_KEYS = 10_000


class Buckets:
    """For each key `rate` a second, `burst` at once. Safe for threads."""

    def __init__(self, rate: float, burst: int, clock: Clock) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, key: str) -> int:
        """Take one: 0, or the whole seconds to wait until there is one again."""
        now = self._clock()
        with self._lock:
            left, at = self._held.pop(key, (self._burst, now))
            left = min(self._burst, left + max(0, now - at) / SECOND * self._rate)
            is_free = left >= 1
            self._held[key] = (left - 1 if is_free else left, now)
            if len(self._held) > MAX_KEYS:
                self._held.popitem(last=False)
        return 0 if is_free else max(1, -int(-(1 - left) // self._rate))


def address_key(text: str) -> str:
    """Whom an address belongs to: of IPv6 its /64, for whoever has one address there has all of them."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
