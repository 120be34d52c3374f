"""When keys were last used: gathered from all workers and told to accounts once a minute, as well as may be."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Final, Protocol

from moongate.control.accounts.answers import AccountsFailed
from moongate.core import limits

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BATCH: Final = 10_000
MAX_KEYS: Final = 100_000
"""Beyond that, while accounts is down, other keys are not noted."""


class Ledger(Protocol):
    """Accounts (`client.AccountsClient`)."""

    async def use(self, keys: Mapping[str, int]) -> None: ...


class Usage:
    """Keys by their public ids, with the second of their last use."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._keys: dict[str, int] = {}

    def note(self, keys: Mapping[str, int]) -> None:
        mine = self._keys
        for key, when in keys.items():
            if key in mine or len(mine) < MAX_KEYS:
                mine[key] = max(when, mine.get(key, 0))

    async def follow(self) -> None:
        """For ever: tell accounts now and then."""
        while True:
            await asyncio.sleep(limits.KEY_USE_SECONDS)
            await self.tell()

    async def tell(self) -> None:
        """Tell accounts now; what it does not take is told the next time."""
        while self._keys:
            batch = dict(itertools.islice(self._keys.items(), MAX_BATCH))
            try:
                await self._ledger.use(batch)
            except AccountsFailed:
                return
            for key, when in batch.items():
                if self._keys.get(key) == when:
                    del self._keys[key]
                    # A key that was used again meanwhile has another time, and is told again.
