"""Which connections are taken at all: a cap for all of them, and one for each address, or network of IPv6: whoever has
one address there has 2^64, and would take all connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.core import limits
from moongate.core.addresses import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Admission:
    """Counts connections. A trusted proxy speaks for many clients, and has no cap of its own."""

    __slots__ = ("_by_origin", "_by_proxy", "_is_trusted", "count", "max_connections", "max_per_address", "refused")

    def __init__(self, is_trusted: Callable[[str], bool]) -> None:
        self._is_trusted = is_trusted
        self._by_origin: dict[str, int] = {}
        self._by_proxy: dict[str, int] = {}  # of trusted ones, whose network's share they do not use up
        self.count = 0
        self.max_connections = limits.CONNECTIONS
        self.max_per_address = limits.CONNECTIONS_PER_ADDRESS
        self.refused = 0

    def enter(self, address: str) -> bool:
        """Count a connection of ``address`` in, and True; or False, and it must be closed."""
        is_trusted = self._is_trusted(address)
        counts, who = (self._by_proxy, address) if is_trusted else (self._by_origin, origin_of(address))
        here = counts.get(who, 0)
        if self.count >= self.max_connections or (here >= self.max_per_address and not is_trusted):
            self.refused += 1
            return False
        counts[who] = here + 1
        self.count += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection out that was in."""
        self.count -= 1
        is_proxy = address in self._by_proxy  # whatever a reload has made of it since
        counts, who = (self._by_proxy, address) if is_proxy else (self._by_origin, origin_of(address))
        left = counts[who] - 1
        if left:
            counts[who] = left
        else:
            del counts[who]
