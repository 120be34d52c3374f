"""`python -m system_harness.byte_origin PORT`: an origin that says what it received and sends what it is asked for.

`PUT /sum` answers with the SHA-256 and the size of the body, `GET /bytes/N` with N bytes of the pattern, `GET /ready`
with 204. It streams both ways, so its own memory stays small.
"""

import asyncio
import hashlib
import json
import sys
from typing import cast

import httptools
import uvloop

from system_harness.pattern import pattern

HIGH_WATER = 1 << 20


class Origin(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class is not a subclass
        self.transport.set_write_buffer_limits(high=HIGH_WATER)
        self.parser = httptools.HttpRequestParser(self)
        self.writable = asyncio.Event()
        self.writable.set()
        self.sending: asyncio.Task[None] | None = None

    def connection_lost(self, _exc: Exception | None) -> None:
        if self.sending:
            self.sending.cancel()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def on_message_begin(self) -> None:
        self.digest, self.size, self.path = hashlib.sha256(), 0, b""

    def on_url(self, url: bytes) -> None:
        self.path += url

    def on_body(self, body: bytes) -> None:
        self.digest.update(body)
        self.size += len(body)

    def on_message_complete(self) -> None:
        if self.path.startswith(b"/bytes/"):
            self.sending = asyncio.get_running_loop().create_task(self.send(int(self.path[7:])))
        elif self.path == b"/sum":
            body = json.dumps({"sha256": self.digest.hexdigest(), "size": self.size}).encode()
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        else:
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def send(self, size: int) -> None:
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        for block in pattern(size):
            await self.writable.wait()
            self.transport.write(block)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Origin, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
