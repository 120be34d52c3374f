"""Connecting to a target: the one step on the way upstream that waits."""

from __future__ import annotations

import asyncio
import errno
import ssl
from typing import TYPE_CHECKING, TypeVar

from moongate.core.errors import UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE, MessageRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.core.plans import TargetPlan
    from moongate.net.tls import ServiceTls

ProtocolT = TypeVar("ProtocolT", bound=asyncio.BaseProtocol)


async def dial(
    target: TargetPlan, tls: ServiceTls | None, make: Callable[[], ProtocolT], timeout_seconds: float
) -> ProtocolT:
    """A connected protocol, over TLS where the target wants it.

    Raises MessageRefused with UPSTREAM_UNREACHABLE, or UPSTREAM_TIMEOUT after ``timeout_seconds``.
    """
    loop = asyncio.get_running_loop()
    context = tls.context if tls is not None and target.tls else None
    name = (tls.server_name or target.name or target.host) if tls is not None and target.tls else None
    try:
        async with asyncio.timeout(timeout_seconds):
            _, protocol = await loop.create_connection(
                make, target.host, target.port, ssl=context, server_hostname=name
            )
    except TimeoutError:
        raise MessageRefused(UPSTREAM_TIMEOUT, "connect_timeout") from None
    except ssl.SSLCertVerificationError as error:
        raise MessageRefused(UPSTREAM_UNREACHABLE, "tls_certificate_refused") from error
    except ssl.SSLError as error:
        raise MessageRefused(UPSTREAM_UNREACHABLE, "tls_handshake_failed") from error
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "resolve") if error.errno and error.errno > 0 else "resolve"
        raise MessageRefused(UPSTREAM_UNREACHABLE, f"connect_{name.lower()}") from error
    except UnicodeError as error:  # a name with a label that is empty or too long
        raise MessageRefused(UPSTREAM_UNREACHABLE, "connect_resolve") from error
    return protocol
