"""A gateway between raw octets and an origin that records raw octets."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from gateway_harness.polling import WAIT_SECONDS, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway_harness.gateway_process import GatewayProcess
    from gateway_harness.recording_origin import RecordingOrigin

_SENTINEL = b"GET /sentinel HTTP/1.1\r\nHost: corpus.test\r\nConnection: close\r\n\r\n"


class Wire:
    """What the tests of this directory talk through."""

    def __init__(self, gateway: GatewayProcess, origin: RecordingOrigin) -> None:
        self.gateway = gateway
        self.origin = origin

    def connect(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.gateway.port), WAIT_SECONDS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def talk(self, *pieces: bytes) -> bytes:
        """Send each of ``pieces``, and return everything until the gateway ends the connection."""
        with self.connect() as client:
            for piece in pieces:
                client.sendall(piece)
            return self.read_to_end(client)

    @contextlib.contextmanager
    def nothing_arrives(self, *, unless_unfinished: bool = False) -> Iterator[None]:
        """No request reaches the origin within the block, nor a single octet of one.

        With ``unless_unfinished`` a request may begin, well spelled so far, and never ends.
        """
        requests, octets, unfinished = len(self.origin.requests), self.origin.octets, len(self.origin.unfinished)
        yield
        if not unless_unfinished:
            assert self.origin.octets == octets
        self.talk(_SENTINEL)  # whatever was on its way to the origin has arrived now
        if unless_unfinished:  # its octets may still be on their way, and must not be taken for a later message's
            eventually(lambda: len(self.origin.open) <= 1, "the end of the connection that was cut")
        assert self.origin.ambiguous == []
        sentinels = self.origin.requests[requests:]
        assert [request.path for request in sentinels] == [b"/sentinel"], sentinels
        for data in self.origin.unfinished[unfinished:]:
            assert unless_unfinished
            assert b"smuggled" not in data.lower(), data

    def talk_until_broken(self, data: bytes) -> bytes:
        """As ``talk``; the gateway may also break the connection."""
        answer = b""
        with self.connect() as client, contextlib.suppress(ConnectionError):
            client.sendall(data)
            while piece := client.recv(1 << 16):
                answer += piece
        return answer

    def send_until_closed(self, client: socket.socket, pieces: list[bytes]) -> None:
        """Each of ``pieces`` by itself, until there is an answer."""
        client.setblocking(False)
        try:
            for piece in pieces:
                with contextlib.suppress(BlockingIOError):
                    client.recv(1, socket.MSG_PEEK)
                    return
                client.send(piece)
        finally:
            client.settimeout(WAIT_SECONDS)

    def read_head(self, client: socket.socket) -> bytes:
        """Up to the end of a head, and what came with it."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = client.recv(1 << 16)
            assert piece, data
            data += piece
        return data

    def read_to_end(self, client: socket.socket) -> bytes:
        """Everything until the gateway ends the connection."""
        data = b""
        while piece := client.recv(1 << 16):
            data += piece
        return data
