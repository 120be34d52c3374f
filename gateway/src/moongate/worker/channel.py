"""Messages between control and a worker, over a socket pair that nobody else can reach.

A frame is the length of its body (four octets), how many sockets come along (one), and the body in MessagePack. Open
sockets travel beside the octets (SCM_RIGHTS), so a running worker can be handed new listeners and none is named twice.
"""

from __future__ import annotations

import os
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from moongate.worker.messages import Message

T = TypeVar("T")

MAX_SOCKETS: Final = 250  # with one message; the kernel takes 253
_HEADER: Final = struct.Struct("!IB")
_READ_BYTES: Final = 256 * 1024


class Channel(Generic[T]):
    """One end. ``received`` is told of every message with its sockets, ``lost`` once, when the other end is gone."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, sock: socket.socket, decoder: msgspec.msgpack.Decoder[T]
    ) -> None:
        sock.setblocking(False)
        self._loop = loop
        self._sock = sock
        self._decoder = decoder
        self._encoder = msgspec.msgpack.Encoder()
        self._in = bytearray()
        self._descriptors: deque[int] = deque()
        self._out: deque[tuple[memoryview, list[int], Sequence[socket.socket]]] = deque()
        self._is_open = True
        self.received: Callable[[T, list[socket.socket]], None] = _ignore
        self.lost: Callable[[], None] = _ignore
        loop.add_reader(sock.fileno(), self._read)

    def send(self, message: Message, sockets: Sequence[socket.socket] = ()) -> None:
        """Written at once, or as soon as the other end reads; nothing where it is gone. ``sockets`` stay the caller's,
        and open until they are sent. Raises OSError, with nothing said, where no descriptors are left for that."""
        if not self._is_open:
            return
        body = self._encoder.encode(message)
        data = memoryview(_HEADER.pack(len(body), len(sockets)) + body)
        # Duplicates: the caller may close its own before the other end reads.
        copies: list[socket.socket] = []
        try:
            for sock in sockets:
                copies.append(sock.dup())  # noqa: PERF401 - those that were made are closed
        except OSError:
            _close(copies)
            raise
        self._out.append((data, [sock.fileno() for sock in copies], copies))
        if len(self._out) == 1:
            self._write()

    def hear_rest(self) -> None:
        """Hear at once what the other end said before it ended."""
        while self._is_open and self._read():
            pass

    def close(self) -> None:
        """Say nothing more, and hear nothing."""
        if not self._is_open:
            return
        self._is_open = False
        self._loop.remove_reader(self._sock.fileno())
        self._loop.remove_writer(self._sock.fileno())
        self._sock.close()
        while self._descriptors:
            os.close(self._descriptors.popleft())
        while self._out:
            _close(self._out.popleft()[2])

    def _lose(self) -> None:
        if self._is_open:
            self.close()
            self.lost()

    def _write(self) -> None:
        while self._out:
            data, descriptors, copies = self._out[0]
            try:
                sent = socket.send_fds(self._sock, [data], descriptors) if descriptors else self._sock.send(data)
            except BlockingIOError:
                self._loop.add_writer(self._sock.fileno(), self._write)
                return
            except OSError:
                self._lose()
                return
            if descriptors:
                _close(copies)
            if sent < len(data):
                self._out[0] = (data[sent:], [], ())
            else:
                self._out.popleft()
        self._loop.remove_writer(self._sock.fileno())

    def _read(self) -> bool:
        """Whether there was anything to be heard."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._sock, _READ_BYTES, MAX_SOCKETS)
        except BlockingIOError:
            return False
        except OSError:
            data, descriptors = b"", []
        self._descriptors.extend(descriptors)
        self._in += data
        if not data:
            self._lose()
        while self._is_open and (body := self._next()) is not None:
            self.received(*body)
        return True

    def _next(self) -> tuple[T, list[socket.socket]] | None:
        if len(self._in) < _HEADER.size:
            return None
        size, count = _HEADER.unpack_from(self._in)
        end = _HEADER.size + size
        if len(self._in) < end:
            return None
        message = self._decoder.decode(self._in[_HEADER.size : end])
        del self._in[:end]
        return message, [_own(self._descriptors.popleft()) for _ in range(count)]


def _own(descriptor: int) -> socket.socket:
    os.set_inheritable(descriptor, False)  # recv_fds takes no heed of MSG_CMSG_CLOEXEC (CPython 3.11)
    return socket.socket(fileno=descriptor)


def _close(sockets: Sequence[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def _ignore(*_: Any) -> None:
    """Nobody listens yet."""
