"""The one thread that writes the replica's file: the loop never waits for a disk, and no two writes meet."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.control.accounts.store import ReplicaStore

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Writer:
    """Owns ``store``: its attributes may be read anywhere, its methods are called with `do` alone."""

    def __init__(self, store: ReplicaStore) -> None:
        self.store = store
        self._thread = ThreadPoolExecutor(1, "replica")

    async def do(self, method: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """What ``method`` returns or raises, once all that was asked for before is done."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, method, *arguments)

    async def close(self) -> None:
        """Nothing is written any more."""
        await self.do(self.store.close)
        self._thread.shutdown()
