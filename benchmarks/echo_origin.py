"""The dearer origin: reads whole request bodies before it answers, and echoes WebSocket messages. Argument: the port.

WebSocket messages must be single frames under 126 bytes with a zero mask (RFC 6455 5.2), which is what `websocket_load`
sends: then unmasking is doing nothing, and an echo is the frame without its mask bit and mask.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys
from typing import cast

import httptools
import uvloop

from benchmarks.model import BODY

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Echo(asyncio.Protocol):
    """One connection; `_frames` is None until it has become a WebSocket."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._key = b""
        self._frames: bytearray | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._frames is not None:
            self._frames += data
            self._echo(self._frames)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._frames = bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"sec-websocket-key":
            self._key = value

    def on_message_complete(self) -> None:
        if not self._key:
            self._transport.write(ANSWER)
            return
        accept = base64.b64encode(hashlib.sha1(self._key + MAGIC, usedforsecurity=False).digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        self._transport.write(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")

    def _echo(self, frames: bytearray) -> None:
        echoes = []
        while len(frames) >= 6 and len(frames) >= (end := 6 + (frames[1] & 0x7F)):
            echoes.append(bytes((frames[0], frames[1] & 0x7F)) + frames[6:end])
            del frames[:end]
        if echoes:
            self._transport.write(b"".join(echoes))


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
