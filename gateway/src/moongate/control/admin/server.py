"""What serves the admin API: uvicorn on h11. Both are pure Python and kept well, and use the loop that is there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from starlette.types import ASGIApp

MAX_CONNECTIONS: Final = 64
_GOODBYE_SECONDS: Final = 2


class Server(uvicorn.Server):
    """Serves ``app`` on control's loop and sockets; signals are control's."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,  # whoever asks would choose who is told to have asked
                server_header=False,
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=_GOODBYE_SECONDS,
            )
        )

    async def run_on(self, sock: socket.socket) -> None:
        """Serve until ``should_exit``, or until cancelled; ``sock`` is closed then."""
        try:
            await self.serve([sock])
        finally:
            for server in getattr(self, "servers", ()):
                server.close()
            sock.close()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
