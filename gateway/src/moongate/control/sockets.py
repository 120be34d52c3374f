"""The listening sockets of every worker slot, bound once: a worker that is replaced leaves its queue to the next."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, TypeAlias

from moongate.control.activation import Given
from moongate.net.listener import address_of, bind_group
from moongate.worker.channel import MAX_SOCKETS
from moongate.worker.door_keys import DoorKey, door_keys

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from moongate.compile import ListenerPlan

Bound: TypeAlias = "dict[DoorKey, list[socket.socket]]"
"""For each listener, in the order of the config, a socket for each slot."""


class OwnPort(OSError):  # noqa: N818 - what happened
    """A new address can not be bound beside one of this gateway's own, which ``own`` says as HOST:PORT."""

    own = ""


class Sockets:
    """What is bound at present."""

    def __init__(self, slots: int, given: Given | None = None) -> None:
        """``given`` are sockets from outside, which are closed with this."""
        self._slots = slots
        self._given = given or Given([])
        self._bound: Bound = {}

    def bind(self, listeners: Sequence[ListenerPlan]) -> Bound:
        """The sockets of ``listeners``: those that are bound already, and new ones. Raises OSError, with nothing new
        left bound, where an address can not be."""
        if len(listeners) > MAX_SOCKETS:  # what can be handed to a worker at once
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), f"more than {MAX_SOCKETS} addresses")
        bound: Bound = {}
        try:
            for key in door_keys(listeners):
                bound[key] = self._bound.get(key) or self._new(key)
        except OSError:
            self.discard(bound)
            raise
        return bound

    def adopt(self, bound: Bound) -> None:
        """``bound`` is what is served from now on; the others are closed."""
        before, self._bound = self._bound, bound
        _close(before, bound)

    def discard(self, bound: Bound) -> None:
        """``bound`` was for nothing."""
        _close(bound, self._bound)

    def close(self) -> None:
        """Let go of everything."""
        self.adopt({})
        self._given.close()

    def unserved(self) -> list[tuple[str, int]]:
        """Addresses of sockets that were given and that no listener has: clients wait there for nobody."""
        return self._given.without_listener(addresses(self._bound))

    def _new(self, key: DoorKey) -> list[socket.socket]:
        host, port, _ = key
        try:
            return self._given.group(host, port, self._slots) or bind_group(host, port, self._slots)
        except OSError as error:
            own = next((each for each, other, _ in self._bound if other == port), None)
            if error.errno != errno.EADDRINUSE or own is None:
                raise
            failed = OwnPort(error.errno, error.strerror, error.filename)
            failed.own = f"[{own}]:{port}" if ":" in own else f"{own}:{port}"
            raise failed from None


def of_slot(bound: Bound, slot: int) -> list[socket.socket]:
    """The sockets of one slot, in the order of the listeners."""
    return [group[slot] for group in bound.values()]


def addresses(bound: Bound) -> list[tuple[str, int]]:
    """(host, port) of every listener."""
    return [address_of(group[0]) for group in bound.values()]


def _close(bound: Bound, keep: Bound) -> None:
    for key, group in bound.items():
        if keep.get(key) is not group:
            for sock in group:
                sock.close()
