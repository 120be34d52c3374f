"""WebSocket peers: another implementation's client and server, and handshakes as raw octets."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from websockets.frames import Frame, Opcode
from websockets.sync.client import connect
from websockets.sync.server import serve
from websockets.utils import accept_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.sync.client import ClientConnection
    from websockets.sync.server import ServerConnection

    from gateway_harness.origin import OriginConnection, Received
    from gateway_harness.raw_client import RawClient

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ASKING = ("Connection: Upgrade", "Upgrade: websocket", f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13")


@contextlib.contextmanager
def serving(handler: Callable[[ServerConnection], None]) -> Iterator[int]:
    """A WebSocket server on a port of its own."""
    with serve(handler, "127.0.0.1", 0, compression=None, max_size=None, ping_interval=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join()


def connected(port: int, path: str = "/chat", **fields: str) -> contextlib.AbstractContextManager[ClientConnection]:
    """A WebSocket through the gateway at ``port``; ``fields`` by name, with ``_`` for ``-``."""
    return connect(
        f"ws://127.0.0.1:{port}{path}",
        compression=None,
        max_size=None,
        ping_interval=None,
        proxy=None,
        open_timeout=15,
        additional_headers={name.replace("_", "-"): value for name, value in fields.items()},
    )


def echo(connection: ServerConnection) -> None:
    """Sends back what comes, until the other side closes."""
    for message in connection:
        connection.send(message)


def ask(client: RawClient, *lines: str, target: str = "/chat", method: str = "GET", body: bytes = b"") -> None:
    """Send a handshake; ``lines`` instead of the right ones."""
    client.send_request(method, target, *(lines or ASKING), body=body)


def shake(client: RawClient) -> bytes:
    """A handshake as it should be; returns the head of the answer, which must be a 101."""
    ask(client)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.read_exactly(1)
    assert head.startswith(b"HTTP/1.1 101 "), head
    return head


def accept(connection: OriginConnection, *lines: str) -> Received:
    """Read a handshake and take it."""
    received = connection.read_request()
    key = received.value("sec-websocket-key")
    assert key is not None
    fields = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept_key(key)}", *lines)
    connection.send(("HTTP/1.1 101 Switching Protocols\r\n" + "\r\n".join(fields) + "\r\n\r\n").encode())
    return received


def frame(opcode: Opcode, data: bytes, *, is_masked: bool, is_last: bool = True) -> bytes:
    """One frame as octets."""
    return Frame(opcode, data, fin=is_last).serialize(mask=is_masked)
