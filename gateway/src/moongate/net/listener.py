"""Listening sockets, bound before anything else starts, so that a taken port is known at once."""

from __future__ import annotations

import socket
from typing import Final

from moongate.core.limits import LISTEN_BACKLOG, UNSENT_BYTES

_NOTSENT_LOWAT: Final[int | None] = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # Linux and macOS


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on the IP address ``host``. Raises OSError where that can not be, with the errno, and the
    address as ``filename``."""
    return bind_group(host, port, 1)[0]


def bind_group(host: str, port: int, count: int) -> list[socket.socket]:
    """``count`` listening sockets on one address, over which the kernel spreads connections (SO_REUSEPORT).

    The first is bound without sharing, so that an address that anybody else has is refused, another gateway's group
    too; it is shared from then on. Port 0 is one free port for all of them. Raises OSError as ``bind``.
    """
    group: list[socket.socket] = []
    try:
        while len(group) < count:
            sock = _socket(host)
            group.append(sock)
            if len(group) > 1:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.bind((host, port))
            port = address_of(sock)[1]
            if count > 1:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.listen(LISTEN_BACKLOG)
    except OSError as error:
        for sock in group:
            sock.close()
        error.filename = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise
    return group


def bound_unsent(sock: socket.socket) -> None:
    """How much the kernel keeps of what clients of ``sock`` have not been sent yet; each connection inherits it.

    Its send buffer grows to 4 MiB, which is what every slow reader of a large answer then holds: 570 of them used up
    all the memory that Linux gives to TCP on a machine of 24 GB, and every other connection stood still.
    """
    if _NOTSENT_LOWAT is not None:
        sock.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, UNSENT_BYTES)


def address_of(sock: socket.socket) -> tuple[str, int]:
    """Where a bound socket listens: host and port, the port that was chosen where 0 was asked for."""
    name = sock.getsockname()
    return str(name[0]), int(name[1])


def _socket(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.setblocking(False)
    return sock
