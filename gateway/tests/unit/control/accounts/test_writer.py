"""One thread, one call after the other."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from gateway_harness.replicas import client_item, fill, new_store
from moongate.control.accounts.store import StoreBroken
from moongate.control.accounts.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path


def test_calls_are_made_in_their_order_in_a_thread_of_their_own(tmp_path: Path) -> None:
    async def write() -> None:
        writer = Writer(new_store(tmp_path))
        threads, order = set(), []

        def note(number: int) -> int:
            threads.add(threading.get_ident())
            order.append(number)
            return number

        assert await asyncio.gather(*(writer.do(note, number) for number in range(20))) == list(range(20))
        assert order == list(range(20))
        assert len(threads) == 1
        assert threading.get_ident() not in threads
        await writer.do(lambda: fill(writer.store, client_item(1)))
        await writer.close()
        with pytest.raises(StoreBroken):
            fill(writer.store)

    asyncio.run(write())
