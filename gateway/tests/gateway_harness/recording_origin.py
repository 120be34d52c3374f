"""A service that records every octet, and reads requests in the narrowest grammar there is.

Whatever a gateway writes upstream, no two servers may read differently. So this origin knows one spelling only: what it
can not read so is a finding, noted in `RecordingOrigin.ambiguous`, however well another server would cope.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from typing import TYPE_CHECKING, NamedTuple, Self

from gateway_harness.polling import WAIT_SECONDS, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = re.compile(
    rb"([A-Z][A-Z-]*) ((?:/[A-Za-z0-9._~!$&'()*+,;=:@/-]|/|%[0-9A-F]{2}|[A-Za-z0-9._~!$&'()*+,;=:@-])+|\*)"
    rb"(\?[!-\"$-~]*)? HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+)\r\n"
)
_CHUNK = re.compile(rb"([1-9a-f][0-9a-f]{0,15})\r\n")
_LAST_CHUNK = re.compile(rb"0\r\n((?:[!#$%&'*+.^`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*)\r\n")
_ONCE = frozenset((b"host", b"content-length", b"transfer-encoding", b"x-request-id", b"x-forwarded-for"))
_NEVER = frozenset((b"expect", b"keep-alive", b"proxy-connection", b"x-real-ip", b"upgrade"))


class AmbiguousError(Exception):
    """Octets that are outside of the narrow grammar."""


class Recorded(NamedTuple):
    """One request as it was recorded. ``connection`` counts them in order of arrival."""

    method: bytes
    path: bytes
    query: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes
    trailers: tuple[tuple[bytes, bytes], ...] = ()
    connection: int = -1

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.fields if key.lower() == name]


def read_strictly(data: bytes) -> tuple[Recorded, bytes] | None:
    """The first request in ``data`` and what follows it; None where it is not whole. Raises AmbiguousError."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    found = _HEAD.fullmatch(data[: end + 4])
    if found is None:
        raise AmbiguousError(f"head: {data[: end + 4]!r}")
    method, path, query, block = found.groups()
    pairs = [line.partition(b":") for line in block.split(b"\r\n")[:-1]]
    fields = tuple((name, value.strip(b" \t")) for name, _, value in pairs)
    names = [name.lower() for name, _ in fields]
    for name in _ONCE:
        if names.count(name) > 1:
            raise AmbiguousError(f"{name!r} comes {names.count(name)} times: {block!r}")
    if names.count(b"host") != 1 or _NEVER.intersection(names):
        raise AmbiguousError(f"fields: {block!r}")
    body = _body(dict(zip(names, (value for _, value in fields), strict=True)), data[end + 4 :])
    if body is None:
        return None
    return Recorded(method, path, query or b"", fields, body.data, body.trailers), body.rest


class _Body(NamedTuple):
    data: bytes
    trailers: tuple[tuple[bytes, bytes], ...]
    rest: bytes


def _body(fields: dict[bytes, bytes], data: bytes) -> _Body | None:
    length, coding = fields.get(b"content-length"), fields.get(b"transfer-encoding")
    if coding is not None:
        if length is not None or coding != b"chunked":
            raise AmbiguousError(f"framing: {fields!r}")
        return _chunks(data)
    if length is None:
        return _Body(b"", (), data)
    if re.fullmatch(rb"0|[1-9][0-9]{0,17}", length) is None:
        raise AmbiguousError(f"length: {length!r}")
    size = int(length)
    return _Body(data[:size], (), data[size:]) if len(data) >= size else None


def _chunks(data: bytes) -> _Body | None:
    body, place = b"", 0
    while (found := _CHUNK.match(data, place)) is not None:
        begin, size = found.end(), int(found[1], 16)
        body += data[begin : begin + size]
        place = begin + size + 2
        if len(data) < place:
            return None
        if data[place - 2 : place] != b"\r\n":
            raise AmbiguousError(f"chunk: {data[begin:place]!r}")
    rest = data[place:]
    if (last := _LAST_CHUNK.match(rest)) is not None:
        pairs = [line.partition(b":") for line in last[1].split(b"\r\n")[:-1]]
        trailers = tuple((name, value.strip(b" \t")) for name, _, value in pairs)
        return _Body(body, trailers, rest[last.end() :])
    if (rest.startswith(b"0\r\n") and b"\r\n\r\n" not in rest) or re.fullmatch(rb"(?:[0-9a-f]{1,16}\r?)?", rest):
        return None
    raise AmbiguousError(f"chunk: {rest!r}")


class RecordingOrigin:
    """Answers every request with 200, or with the next of ``answers``. ``requests`` are those read so far,
    ``ambiguous`` what was no request."""

    def __init__(self) -> None:
        self._sock = socket.socket()
        self._sock.bind(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.requests: list[Recorded] = []
        self.ambiguous: list[str] = []
        self.unfinished: list[bytes] = []
        """What came of requests that the gateway cut short."""
        self.octets = 0
        self.open: set[int] = set()
        """The connections that have not ended."""
        self.answers: list[bytes] = []
        self.url = f"http://127.0.0.1:{self._sock.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._sock.listen(128)
        self._start(self._accept)
        return self

    def __exit__(self, *_exc: object) -> None:
        for sock in (self._sock, *self._connections):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(WAIT_SECONDS)
        for sock in (self._sock, *self._connections):
            sock.close()

    @contextlib.contextmanager
    def expect(self, count: int) -> Iterator[list[Recorded]]:
        """Exactly ``count`` requests come within the block, and they are well."""
        before = len(self.requests)
        got: list[Recorded] = []
        yield got
        eventually(lambda: len(self.requests) >= before + count or self.ambiguous, f"{count} requests")
        got += self.requests[before:]
        assert not self.ambiguous
        assert len(got) == count

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._sock.accept()
                self._connections.append(sock)
                self.open.add(len(self._connections))
                self._start(self._serve, sock, len(self._connections))

    def _serve(self, sock: socket.socket, number: int) -> None:
        data = b""
        with contextlib.suppress(OSError):
            while piece := sock.recv(1 << 16):
                self.octets += len(piece)
                data += piece
                try:
                    while (read := read_strictly(data)) is not None:
                        request, data = read
                        self.requests.append(request._replace(connection=number))
                        body = b"" if request.method == b"HEAD" else b"ok"
                        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body
                        sock.sendall(self.answers.pop(0) if self.answers else answer)
                except AmbiguousError as error:
                    self.ambiguous.append(str(error))
                    sock.shutdown(socket.SHUT_RDWR)
        if data:
            self.unfinished.append(data)
        self.open.discard(number)
