"""A service that plays a script on each connection, and misbehaves as told: real sockets, a thread for each."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeAlias

from gateway_harness.polling import WAIT_SECONDS, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

Script: TypeAlias = "Callable[[OriginConnection], None]"


class PeerGoneError(Exception):
    """The gateway closed the connection while the script was reading or writing: the script ends there."""


@dataclass
class Received:
    """One request as it came: ``head`` are its raw octets, ``lines`` its field lines in order."""

    connection: int
    head: bytes
    body: bytes = b""
    trailers: list[bytes] = field(default_factory=list)

    @property
    def request_line(self) -> bytes:
        return self.head.split(b"\r\n", 1)[0]

    @property
    def method(self) -> str:
        return self.request_line.split(b" ")[0].decode()

    @property
    def target(self) -> str:
        return self.request_line.split(b" ")[1].decode()

    @property
    def lines(self) -> list[bytes]:
        return self.head.split(b"\r\n")[1:-2]

    def values(self, name: str) -> list[str]:
        """Every value of the field ``name``, in order."""
        pairs = [line.partition(b":") for line in self.lines]
        return [value.strip().decode("latin-1") for key, _, value in pairs if key.lower() == name.lower().encode()]

    def value(self, name: str) -> str | None:
        """The only value of the field ``name``, or None."""
        values = self.values(name)
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None


class OriginConnection:
    """One accepted connection, in the hands of a script."""

    def __init__(self, origin: ScriptedOrigin, sock: socket.socket, number: int) -> None:
        self.origin = origin
        self.number = number
        self.sock = sock
        self._buffer = b""

    # -- reading

    def read_head(self) -> Received:
        """The next request's head; it is noted with the origin at once."""
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        received = Received(self.number, head + b"\r\n\r\n")
        self.origin.requests.append(received)
        return received

    def read_body(self, received: Received) -> Received:
        """The rest of the request, by Content-Length or chunks."""
        if (length := received.value("content-length")) is not None:
            received.body = self.read_exactly(int(length))
        elif received.value("transfer-encoding") == "chunked":
            pieces = []
            while size := int(self._read_line(), 16):
                pieces.append(self.read_exactly(size))
                assert self._read_line() == b""
            received.body = b"".join(pieces)
            while line := self._read_line():
                received.trailers.append(line)
        return received

    def read_request(self) -> Received:
        return self.read_body(self.read_head())

    def read_exactly(self, size: int) -> bytes:
        pieces, missing = [self._buffer[:size]], size - len(self._buffer[:size])
        self._buffer = self._buffer[size:]
        while missing:
            self._fill(missing)
            pieces.append(self._buffer)
            missing -= len(self._buffer)
            self._buffer = b""
        return b"".join(pieces)

    def read_some(self) -> bytes:
        """Whatever is there, at least one octet."""
        if not self._buffer:
            self._fill()
        some, self._buffer = self._buffer, b""
        return some

    def wait_gone(self, seconds: float = WAIT_SECONDS) -> None:
        """Until the gateway closes this connection, whatever it sends before; fails when it does not."""
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(65536):
                pass
        except TimeoutError:
            raise AssertionError(f"the gateway did not close the connection within {seconds:g} s") from None
        except OSError:
            pass

    # -- writing

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError:
            raise PeerGoneError from None

    def answer(self, status: int = 200, body: bytes = b"ok", *lines: str) -> None:
        """A plain answer with Content-Length."""
        fields = "".join(f"{line}\r\n" for line in lines)
        self.send(f"HTTP/1.1 {status} Scripted\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body)

    def trickle(self, data: bytes, seconds: float = 0.002) -> None:
        """One octet at a time, each in a segment of its own."""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in data:
            self.send(bytes((octet,)))
            time.sleep(seconds)

    def half_close(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.sock.close()

    def reset(self) -> None:
        """End with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def _read_line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _fill(self, at_most: int = 65536) -> None:
        try:
            data = self.sock.recv(min(at_most, 1 << 20))
        except OSError:
            raise PeerGoneError from None
        if not data:
            raise PeerGoneError
        self._buffer += data


def serve_ok(connection: OriginConnection) -> None:
    """The script of a good service: reads each request whole and answers it."""
    while True:
        connection.read_request()
        connection.answer()


def telling(connection: OriginConnection) -> None:
    """A service that answers with the head and body that it was sent."""
    while True:
        request = connection.read_request()
        connection.answer(200, request.head + request.body)


def says(data: bytes) -> Script:
    """A service that answers one request with ``data``, whatever that is."""

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(data)

    return script


class ScriptedOrigin:
    """Listens on loopback; the first connection plays the first script, the last script is played by all the rest.

    A script that fails an assertion fails the test when the origin is left. ``requests`` are in order of arrival.
    """

    def __init__(self, *scripts: Script, sock: socket.socket | None = None) -> None:
        self._scripts = scripts or (serve_ok,)
        self._sock = sock or bound_socket()
        self._connections: list[OriginConnection] = []
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []
        self._is_stopping = False
        self.requests: list[Received] = []
        self.port: int = self._sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections were accepted so far."""
        return len(self._connections)

    def wait_requests(self, count: int) -> list[Received]:
        """The requests, once there are ``count`` heads."""
        eventually(lambda: len(self.requests) >= count, f"{count} requests at the origin")
        return self.requests

    def __enter__(self) -> Self:
        self._sock.listen(128)
        self._threads.append(threading.Thread(target=self._accept, daemon=True))
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._is_stopping = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(WAIT_SECONDS)
        for connection in self._connections:
            connection.sock.close()
        if kind is None and self._failures:
            raise self._failures[0]

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            connection = OriginConnection(self, sock, len(self._connections))
            script = self._scripts[min(connection.number, len(self._scripts) - 1)]
            self._connections.append(connection)
            thread = threading.Thread(target=self._play, args=(script, connection), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _play(self, script: Script, connection: OriginConnection) -> None:
        try:
            script(connection)
        except PeerGoneError:
            pass
        except BaseException as error:  # noqa: BLE001 - told to the test when it leaves the origin
            if not self._is_stopping:
                self._failures.append(error)
        finally:
            connection.sock.close()


def bound_socket() -> socket.socket:
    """Bound to a free port of loopback, and refusing connections until it listens."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    return sock
