"""`python counting_origin.py PORT FILE`: answers everything, and notes the request's target in FILE before it does.

`/bytes/N` is answered with N octets. A program of its own, so that it can be killed in the midst of what it does.
"""

import asyncio
import os
import sys
from typing import cast

import uvloop


class Counting(asyncio.Protocol):
    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._data = b""
        self._left = 0
        self._is_full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while b"\r\n\r\n" in self._data:
            head, _, rest = self._data.partition(b"\r\n\r\n")
            lines = head.split(b"\r\n")
            length = next((int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")), 0)
            if len(rest) < length:
                return
            self._data = rest[length:]
            target = lines[0].split(b" ")[1]
            os.write(self._fd, target + b"\n")
            if target.startswith(b"/bytes/"):
                self._left = int(target[7:])
                self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self._left)
                self.resume_writing()
            else:
                self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        while self._left and not self._is_full and not self._transport.is_closing():
            size = min(self._left, 65536)
            self._left -= size
            self._transport.write(bytes(size))


async def serve(port: int, path: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    server = await asyncio.get_running_loop().create_server(lambda: Counting(fd), "127.0.0.1", port, backlog=4096)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))
