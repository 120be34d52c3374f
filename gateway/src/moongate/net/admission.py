"""Which connections are taken at all: a cap for all of them and one for each address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.core import limits

if TYPE_CHECKING:
    from collections.abc import Callable


class Admission:
    """Counts connections. A trusted proxy speaks for many clients, and has no cap of its own."""

    __slots__ = ("_by_address", "_is_trusted", "count", "max_connections", "max_per_address", "refused")

    def __init__(self, is_trusted: Callable[[str], bool]) -> None:
        self._is_trusted = is_trusted
        self._by_address: dict[str, int] = {}
        self.count = 0
        self.max_connections = limits.CONNECTIONS
        self.max_per_address = limits.CONNECTIONS_PER_ADDRESS
        self.refused = 0

    def enter(self, address: str) -> bool:
        """Count a connection of ``address`` in, and True; or False, and it must be closed."""
        here = self._by_address.get(address, 0)
        if self.count >= self.max_connections or (here >= self.max_per_address and not self._is_trusted(address)):
            self.refused += 1
            return False
        self._by_address[address] = here + 1
        self.count += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection out that was in."""
        self.count -= 1
        left = self._by_address[address] - 1
        if left:
            self._by_address[address] = left
        else:
            del self._by_address[address]
