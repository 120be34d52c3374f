"""The replica for a gateway in one process: the same parts, without a channel between them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from moongate.control.accounts.keeper import Accounts
from moongate.worker.replica_link import ReplicaLink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from moongate.compile.snapshot import AccountsPlan
    from moongate.stores.replica import Replica
    from moongate.worker.messages import ReplicaOrder, ReplicaReport


@contextlib.asynccontextmanager
async def keeping(plan: AccountsPlan, say: Callable[[str], None], replica: Replica) -> AsyncIterator[None]:
    """Within the block ``replica`` follows accounts. Raises PlaceInvalid."""

    def tell(order: ReplicaOrder) -> None:
        link.obey(order)

    def hear(report: ReplicaReport) -> None:
        accounts.heard(report, tell)

    link, accounts = ReplicaLink(replica, hear), Accounts(tell, say)
    await accounts.follow(plan)
    try:
        yield
    finally:
        await accounts.close()
