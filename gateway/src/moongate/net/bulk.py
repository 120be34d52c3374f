"""Large bodies are read in small pieces.

uvloop reads up to 250 KiB at a time, and a peer that takes it slowly makes the gateway hold it: a hundred slow readers
held 25 MiB. While a large body flows its connection reads through this protocol instead, 32 KiB at a time into one
buffer that all share.
"""

from __future__ import annotations

import asyncio
from typing import Final

from moongate.core.limits import READ_BYTES, WRITE_HIGH_BYTES, WRITE_LOW_BYTES

# One is enough for a process: what was read is copied out before the loop reads again.
_buffer: Final = bytearray(READ_BYTES)
_view: Final = memoryview(_buffer)


class BulkReader(asyncio.BufferedProtocol):
    """Stands in for ``protocol`` on its transport."""

    __slots__ = ("protocol",)

    def __init__(self, protocol: asyncio.Protocol) -> None:
        self.protocol = protocol

    def get_buffer(self, sizehint: int) -> bytearray:
        return _buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.protocol.data_received(bytes(_view[:nbytes]))

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
    _switch(transport, BulkReader(protocol))


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
