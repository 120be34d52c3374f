"""Four things about the end of a connection that its transport does not offer."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import termios
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time
_COUNT: Final = struct.Struct("i")


def reset(transport: asyncio.Transport) -> None:
    """End the connection so that its peer notices. To whoever reads until the end of it, an end in good order would say
    that this was all."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


def detached(transport: asyncio.Transport) -> socket.socket:
    """The connection itself, for somebody else to go on with; its transport is over, and the peer notices nothing.
    Nothing may be waiting to be written."""
    copy = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
    transport.abort()
    return copy


def has_unread(transport: asyncio.Transport) -> bool:
    """Whether the peer has sent something that is not read yet: closing now would be under its request."""
    sock = transport.get_extra_info("socket")
    if sock is None:
        return False
    try:
        (waiting,) = _COUNT.unpack(fcntl.ioctl(sock.fileno(), termios.FIONREAD, bytes(_COUNT.size)))
    except OSError:
        return False  # this system does not tell
    return bool(waiting)


def is_sent(transport: asyncio.Transport) -> bool:
    """Whether the system has all that was written; under TLS, whether the peer has."""
    if transport.get_write_buffer_size():
        return False
    return transport.get_extra_info("sslcontext") is None or is_delivered(transport)


def is_delivered(transport: asyncio.Transport) -> bool:
    """Whether the peer's machine has acknowledged everything that was written.

    Under TLS the transport does not say what waits between it and the socket; but nothing does while the kernel's queue
    is empty.
    """
    sock = transport.get_extra_info("socket")
    if sock is None:
        return True
    try:
        (queued,) = _COUNT.unpack(fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(_COUNT.size)))
    except OSError:
        return False  # this system does not tell
    return not queued
