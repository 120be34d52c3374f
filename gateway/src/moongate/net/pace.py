"""How fast a body must come, and how fast an answer must be taken: slower is an attack or a dead peer, and it ends.

A peer owes 240 octets a second on the average (one request of a slow phone network, none of slowloris), and something
in every minute. Time in which the gateway itself did not read is not the peer's.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Final

from moongate.core import limits
from moongate.net.wheel import TICK_SECONDS, ticks

if TYPE_CHECKING:
    import asyncio

WINDOW_TICKS: Final = ticks(limits.PACE_WINDOW_SECONDS)
_WINDOW_SECONDS: Final = WINDOW_TICKS * TICK_SECONDS
_SILENT_WINDOWS: Final = int(limits.BODY_IDLE_SECONDS / limits.PACE_WINDOW_SECONDS)


_OWED_BY_READER: Final = limits.PACE_BYTES_PER_SECOND * limits.SLOW_READER_SECONDS
# The octets that the peer's machine has acknowledged: a 64-bit number in Linux's struct tcp_info, since 4.1.
_TCP_INFO: Final[int | None] = getattr(socket, "TCP_INFO", None)
_ACKED_AT: Final = 120
_ACKED: Final = struct.Struct("=Q")


class Uptake:
    """How much of what is written to ``transport`` its peer takes.

    The kernel says it best: its buffers hold megabytes, and until they have room again a slow reader's progress does
    not show in ours.
    """

    __slots__ = ("_marked", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._marked = self._taken()

    def is_kept(self) -> bool:
        """SLOW_READER_SECONDS have passed: whether the peer took enough meanwhile."""
        marked, self._marked = self._marked, self._taken()
        return self._marked - marked >= _OWED_BY_READER

    def _taken(self) -> int:
        sock = self._transport.get_extra_info("socket")
        if sock is not None and _TCP_INFO is not None:
            info = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _ACKED_AT + _ACKED.size)
            if len(info) == _ACKED_AT + _ACKED.size:
                return int(_ACKED.unpack_from(info, _ACKED_AT)[0])
        return -self._transport.get_write_buffer_size()


class Pace:
    """The octets of one transfer, looked at once in a window."""

    __slots__ = ("_marked", "_owed", "_silent", "octets")

    def __init__(self) -> None:
        self.octets = 0
        self._marked = 0
        self._owed = 0.0
        self._silent = 0

    def is_kept(self) -> bool:
        """A window has passed: whether the peer is still fast enough."""
        self._owed += limits.PACE_BYTES_PER_SECOND * _WINDOW_SECONDS
        self._silent = self._silent + 1 if self.octets == self._marked else 0
        self._marked = self.octets
        return self.octets >= self._owed and self._silent < _SILENT_WINDOWS

    def forgive(self) -> None:
        """The gateway held the peer back: what it owes is counted from here."""
        self._owed = self.octets
        self._silent = 0
