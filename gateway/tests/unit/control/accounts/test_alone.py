"""The replica without workers: the same, and no channel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.controlling import until
from gateway_harness.replicas import TOKEN, client_record, public_id
from moongate.compile import AccountsPlan
from moongate.control.accounts.alone import keeping
from moongate.stores.decision import Standing, Unavailable
from moongate.stores.replica import Replica

if TYPE_CHECKING:
    from pathlib import Path


def test_one_process(tmp_path: Path) -> None:
    async def live() -> None:
        replica = Replica()
        with AccountsFeed() as feed:
            feed.client(client_record(1))
            plan = AccountsPlan(feed.url, TOKEN, 900.0, str(tmp_path / "replica.sqlite"))
            async with keeping(plan, print, replica):
                with pytest.raises(Unavailable):
                    replica.find_key(b"x")
                await until(lambda: replica.standing() is Standing.FRESH, "it is fresh")
                assert replica.find_key(public_id(1).encode()) is not None
                assert await replica.ask_client("nobody") is False
                feed.put("client", "c1", None)
                await until(lambda: replica.find_key(public_id(1).encode()) is None, "it is gone")
                replica.used(public_id(1).encode(), 5)
                replica.close()
            assert feed.used == {public_id(1): 5}

    asyncio.run(asyncio.wait_for(live(), 30))
