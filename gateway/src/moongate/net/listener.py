"""Listening sockets, bound before anything else starts, so that a taken port is known at once."""

from __future__ import annotations

import socket

from moongate.core.limits import LISTEN_BACKLOG


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on the IP address ``host``. Raises OSError, with the errno, where that can not be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen(LISTEN_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def address_of(sock: socket.socket) -> tuple[str, int]:
    """Where a bound socket listens: host and port, the port that was chosen where 0 was asked for."""
    name = sock.getsockname()
    return str(name[0]), int(name[1])
