"""Large bodies are read in small pieces.

uvloop reads up to 250 KiB at a time, and a peer that takes it slowly makes the gateway hold it: a hundred slow readers
held 25 MiB. While a large body flows its connection reads through this protocol instead, 32 KiB at a time into one
buffer that all share; more where whoever receives it keeps up.
"""

from __future__ import annotations

import asyncio
from typing import Final

from moongate.core.limits import (
    QUICK_AFTER_BYTES,
    QUICK_READ_BYTES,
    READ_BYTES,
    WRITE_HIGH_BYTES,
    WRITE_LOW_BYTES,
)

# One is enough for a process: what was read is copied out before the loop reads again.
_view: Final = memoryview(bytearray(QUICK_READ_BYTES))
_small_view: Final = _view[:READ_BYTES]


class BulkReader(asyncio.BufferedProtocol):
    """Stands in for ``protocol`` on its ``transport``."""

    __slots__ = ("_kept_up", "_transport", "protocol")

    def __init__(self, transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        self._transport = transport
        self.protocol = protocol
        self._kept_up = 0  # octets since it was last told to wait

    def get_buffer(self, sizehint: int) -> memoryview:
        return _small_view if self._kept_up < QUICK_AFTER_BYTES else _view

    def buffer_updated(self, nbytes: int) -> None:
        self.protocol.data_received(bytes(_view[:nbytes]))
        self._kept_up = self._kept_up + nbytes if self._transport.is_reading() else 0

    def eof_received(self) -> bool | None:
        return self.protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self.protocol.pause_writing()

    def resume_writing(self) -> None:
        self.protocol.resume_writing()


def bound_buffers(transport: asyncio.Transport) -> None:
    """How much may wait on ``transport``, either way."""
    transport.set_write_buffer_limits(WRITE_HIGH_BYTES, WRITE_LOW_BYTES)
    bound_reading = getattr(transport, "set_read_buffer_limits", None)
    if bound_reading is not None:
        # The loop's TLS: what is read is encrypted and waits apart, 256 KiB of it: thirty slow readers held 22 MiB.
        bound_reading(WRITE_HIGH_BYTES, WRITE_LOW_BYTES)


def read_in_pieces(transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
    """From now on ``protocol`` is given small pieces."""
    _switch(transport, BulkReader(transport, protocol))


def read_at_once(transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
    """From now on ``protocol`` is given whatever there is."""
    _switch(transport, protocol)


def _switch(transport: asyncio.Transport, protocol: asyncio.BaseProtocol) -> None:
    was_reading = transport.is_reading()
    if was_reading:
        transport.pause_reading()  # the way of reading is chosen when reading begins
    transport.set_protocol(protocol)
    if was_reading:
        transport.resume_reading()
