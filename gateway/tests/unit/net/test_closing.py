"""Ends that a transport does not offer, on real sockets."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, cast

import pytest

from gateway_harness.polling import eventually
from moongate.net.closing import detached, has_unread, is_delivered, reset

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator


class Transport:
    """The part of a transport that is asked for its socket."""

    def __init__(self, sock: socket.socket | None) -> None:
        self.sock = sock
        self.is_aborted = False

    @property
    def as_transport(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self)

    def get_extra_info(self, name: str) -> object:
        return {"socket": self.sock}[name]

    def abort(self) -> None:
        self.is_aborted = True
        if self.sock is not None:
            self.sock.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(server.getsockname())
        peer.settimeout(5)
        ours, _ = server.accept()
        with ours:
            ours.setblocking(False)
            yield ours, peer


def test_what_is_detached_goes_on_elsewhere(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair
    peer.sendall(b"not read yet")
    with detached(Transport(ours).as_transport) as copy:
        assert ours.fileno() < 0
        eventually(lambda: has_unread(Transport(copy).as_transport), "it is there still")
        assert copy.recv(100) == b"not read yet"
        copy.sendall(b"answer")
        assert peer.recv(100) == b"answer"


def test_a_peer_that_was_reset_knows_it(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair
    ours.sendall(b"part of it")
    assert peer.recv(100) == b"part of it"
    transport = Transport(ours)
    reset(transport.as_transport)
    assert transport.is_aborted
    with pytest.raises(ConnectionResetError):
        peer.recv(1)


def test_delivered_once_the_peer_has_acknowledged_it_all(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair
    transport = Transport(ours).as_transport
    assert is_delivered(transport)
    sent = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            sent += ours.send(bytes(65536))
    assert not is_delivered(transport)
    came = 0
    while came < sent:
        came += len(peer.recv(65536))
    eventually(lambda: is_delivered(transport), "the last acknowledgement")


def test_a_connection_that_is_gone_already(pair: tuple[socket.socket, socket.socket]) -> None:
    gone = Transport(None)
    reset(gone.as_transport)
    assert gone.is_aborted
    assert is_delivered(gone.as_transport)


def test_what_waits_to_be_read_is_seen(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair
    transport = Transport(ours).as_transport
    assert not has_unread(transport)
    peer.sendall(b"GET")
    eventually(lambda: has_unread(transport), "it has arrived")
    assert ours.recv(10) == b"GET"
    assert not has_unread(transport)
    peer.shutdown(socket.SHUT_WR)
    assert not has_unread(transport), "an end is nothing to be read"
    assert not has_unread(Transport(None).as_transport)
