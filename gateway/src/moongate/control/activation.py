"""What systemd hands over and wants to hear: listening sockets (sd_listen_fds), and how far things are (sd_notify).

Both are a variable and a few octets, so no library: socket activation is LISTEN_FDS descriptors from 3 on, a
notification is a datagram to NOTIFY_SOCKET.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final

from moongate.core.clock import monotonic
from moongate.net.listener import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

_FIRST_DESCRIPTOR: Final = 3  # SD_LISTEN_FDS_START


def given_sockets(environ: MutableMapping[str, str]) -> list[socket.socket]:
    """The listening TCP sockets that were handed to this process. The variables are taken out of ``environ``: they are
    not for its children."""
    pid, count = environ.pop("LISTEN_PID", ""), environ.pop("LISTEN_FDS", "0")
    environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdigit():
        return []
    return list(_listening(range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + int(count))))


def _listening(descriptors: range) -> Iterator[socket.socket]:
    for descriptor in descriptors:
        try:
            os.set_inheritable(descriptor, False)
            sock = socket.socket(fileno=descriptor)
        except OSError:  # closed, or no socket
            continue
        is_tcp = sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM
        if is_tcp and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            sock.setblocking(False)
            yield sock
        else:
            sock.detach()


class Given:
    """Sockets from outside, by the address that a listener must name to have one."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets = {address_of(sock): sock for sock in sockets}

    def group(self, host: str, port: int, count: int) -> list[socket.socket] | None:
        """``count`` sockets on this address that share one queue; None where none was handed over. It stays ours: the
        same listener may come back with a later config."""
        sock = self._sockets.get((host, port))
        return None if sock is None else [sock.dup() for _ in range(count)]

    def without_listener(self, addresses: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Those at which nobody accepts, though clients wait in their queues."""
        return [address for address in self._sockets if address not in addresses]

    def close(self) -> None:
        for sock in self._sockets.values():
            sock.close()


class Notifier:
    """Says to systemd (Type=notify, notify-reload) what happens; to nobody, where nobody asked."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._address = environ.pop("NOTIFY_SOCKET", "")

    def ready(self, status: str) -> None:
        """Serving; ``status`` is shown by ``systemctl status``."""
        self._say(f"READY=1\nSTATUS={status}")

    def reloading(self) -> None:
        self._say(f"RELOADING=1\nMONOTONIC_USEC={int(monotonic() * 1e6)}")

    def stopping(self) -> None:
        self._say("STOPPING=1\nSTATUS=letting running exchanges end")

    def _say(self, text: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            try:
                sock.sendto(text.encode(), address)
            except OSError:
                return  # whoever asked is gone, or too busy to hear; that is no reason not to serve


def unserved_warning(host: str, port: int) -> str:
    """What to say of a socket that was handed over and that no listener has."""
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return (
        f"warning: a socket on {where} was handed over, and no listener has `bind: {where}`; its clients wait for "
        "nobody (ListenStream=8080 is [::]:8080, write the address out)"
    )
