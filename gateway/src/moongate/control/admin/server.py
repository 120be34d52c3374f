"""What serves the admin API: uvicorn on h11. Both are pure Python and kept well, and use the loop that is there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Iterator

    from starlette.types import ASGIApp

MAX_CONNECTIONS: Final = 64
REQUEST_SECONDS: Final = 10.0
_GOODBYE_SECONDS: Final = 2


class _Connection(H11Protocol):
    """Ends where no whole request comes in time: as many as there may be that say nothing would keep everybody else
    out, those who ask for health among them."""

    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def _wait(self) -> None:
        if self._look is not None:
            self._look.cancel()
        self._look = self.loop.call_later(REQUEST_SECONDS, self._judge)

    def _judge(self) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self._wait()  # it is being answered
        else:
            self.transport.close()


class Server(uvicorn.Server):
    """Serves ``app`` on control's loop and sockets; signals are control's."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http=_Connection,
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
