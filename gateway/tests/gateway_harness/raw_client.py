"""A client that sends octets as they are given, and reads responses with h11, the strictest reader at hand."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from dataclasses import dataclass, field
from typing import Any, Self

import h11

from gateway_harness.polling import WAIT_SECONDS


@dataclass
class Response:
    """One response. ``fields`` in order, names as sent; ``interim`` are the statuses of the 1xx before it."""

    status: int = 0
    reason: bytes = b""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    interim: list[int] = field(default_factory=list)
    interim_fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [value.decode("latin-1") for key, value in self.fields if key.lower() == name.lower().encode()]

    def value(self, name: str) -> str | None:
        values = self.values(name)
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def problem(self) -> dict[str, Any]:
        """The body as problem+json."""
        assert self.value("content-type") == "application/problem+json", (self.status, self.body[:200])
        problem: dict[str, Any] = json.loads(self.body)
        return problem

    @property
    def code(self) -> str:
        return str(self.problem["code"])


class TruncatedError(Exception):
    """The response ended before it was whole; ``partial`` is what came."""

    def __init__(self, partial: Response) -> None:
        super().__init__(f"{partial.status} with {len(partial.body)} octets of body")
        self.partial = partial


class RawClient:
    """One connection to the gateway; ``host`` is the Host field of `request`."""

    def __init__(
        self,
        port: int,
        host: str = "any.test",
        receive_buffer: int = 0,
        *,
        address: str = "127.0.0.1",
        source: str = "",
    ) -> None:
        self.sock = socket.socket()
        if source:
            self.sock.bind((source, 0))
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(WAIT_SECONDS)
        try:
            self.sock.connect((address, port))
        except OSError:
            self.sock.close()
            raise
        self._host = host
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def send_request(self, method: str, target: str, *lines: str, body: bytes = b"") -> None:
        """A request in one segment; with a body, Content-Length is added unless a line says how it is framed."""
        framed = any(line.lower().startswith(("content-length:", "transfer-encoding:")) for line in lines)
        more = [f"Content-Length: {len(body)}"] if body and not framed else []
        head = "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {self._host}", *lines, *more])
        self.send(head.encode("latin-1") + b"\r\n\r\n" + body)

    def request(self, method: str, target: str, *lines: str, body: bytes = b"") -> Response:
        self.send_request(method, target, *lines, body=body)
        return self.read_response(method)

    def read_response(self, method: str = "GET") -> Response:
        """The next response, as the answer to a request with ``method``. Raises TruncatedError or OSError."""
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
        parser.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
        parser.send(h11.EndOfMessage())
        if self._buffer:
            parser.receive_data(self._buffer)
        response = Response()
        pieces: list[bytes] = []
        while True:
            try:
                event = parser.next_event()
            except h11.RemoteProtocolError:
                response.body = b"".join(pieces)
                raise TruncatedError(response) from None
            if event is h11.NEED_DATA:
                parser.receive_data(self.sock.recv(1 << 18))
            elif isinstance(event, h11.InformationalResponse):
                response.interim.append(event.status_code)
                response.interim_fields += event.headers.raw_items()
            elif isinstance(event, h11.Response):
                response.status, response.reason = event.status_code, event.reason
                response.fields = event.headers.raw_items()
            elif isinstance(event, h11.Data):
                pieces.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                response.body = b"".join(pieces)
                response.trailers = event.headers.raw_items()
                self._buffer = bytes(parser.trailing_data[0])
                return response
            else:
                raise TruncatedError(response)

    def read_exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            data = self.sock.recv(size - len(self._buffer))
            if not data:
                raise TruncatedError(Response(body=self._buffer))
            self._buffer += data
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def read_to_end(self) -> bytes:
        """Everything until the gateway ends the connection. Raises OSError where it breaks it."""
        pieces = [self._buffer]
        while data := self.sock.recv(1 << 16):
            pieces.append(data)
        self._buffer = b""
        return b"".join(pieces)

    def is_open(self) -> bool:
        """Whether the gateway still serves on this connection: it answers one more request."""
        try:
            return self.request("GET", "/is-it-still-open").status > 0
        except (OSError, TruncatedError):
            return False

    def wait_closed(self) -> None:
        """Until the gateway closes or breaks the connection; octets that come before that fail the test."""
        with contextlib.suppress(ConnectionError):
            assert self.read_to_end() == b""

    def half_close(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.sock.close()

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
