"""Answer HTTP with granian, a WSGI server whose socket work is done outside the interpreter lock."""

import os
import socket
from dataclasses import dataclass

from granian.constants import Interfaces
from granian.server import Server

from servicekit.core.errors import CannotListenError

STOP_TIMEOUT_S = 10
"""How long running requests may take to finish after SIGTERM."""


@dataclass(frozen=True, slots=True)
class ServePlan:
    """`application` as `package.module:factory`; `threads` requests are handled at once. Port 0 picks a free one."""

    program: str
    application: str
    host: str
    port: int
    threads: int


def serve(plan: ServePlan) -> None:
    """Serve until SIGTERM or SIGINT, having said where. Raises CannotListenError."""
    try:
        port = free_port(plan.host, plan.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListenError(f"{plan.host}:{plan.port}", reason) from None
    name = f"[{plan.host}]" if ":" in plan.host else plan.host
    print(f"{plan.program}: listening on http://{name}:{port}", flush=True)  # noqa: T201
    # The application reads its settings from the environment, and may have to say where it is.
    os.environ.update({f"{plan.program.upper()}_HOST": plan.host, f"{plan.program.upper()}_PORT": str(port)})
    Server(
        plan.application,
        factory=True,
        address=plan.host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,  # one process with threads: a scrape of /metrics sees every request there was
        blocking_threads=plan.threads,
        backpressure=plan.threads * 4,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_TIMEOUT_S,
        websockets=False,
        log_enabled=False,
    ).serve()


def free_port(host: str, port: int) -> int:
    """The port to listen on, having proved it free. Raises OSError.

    granian binds with SO_REUSEPORT, so a second server on a taken port would start without a word and share its
    connections; a plain bind is refused. Between this and granian's bind another may slip in; then granian says so.
    """
    if not 0 <= port < 65536:  # getaddrinfo would take it modulo 65536
        raise OverflowError("a port is 0 to 65535")
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)
        number: int = probe.getsockname()[1]
        return number
