"""Connecting to a target: the one step on the way upstream that waits."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING, TypeVar

from moongate.core.errors import UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE, MessageRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.core.plans import TargetPlan

ProtocolT = TypeVar("ProtocolT", bound=asyncio.BaseProtocol)


async def dial(target: TargetPlan, make: Callable[[], ProtocolT], timeout_seconds: float) -> ProtocolT:
    """A connected protocol. Raises MessageRefused with UPSTREAM_UNREACHABLE, or UPSTREAM_TIMEOUT after
    ``timeout_seconds``."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_seconds):
            _, protocol = await loop.create_connection(make, target.host, target.port)
    except TimeoutError:
        raise MessageRefused(UPSTREAM_TIMEOUT, "connect_timeout") from None
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "resolve") if error.errno and error.errno > 0 else "resolve"
        raise MessageRefused(UPSTREAM_UNREACHABLE, f"connect_{name.lower()}") from error
    return protocol
