"""Bytes that the gateway writes, read back by h11."""

from __future__ import annotations

import h11
import pytest

from moongate.protocol.http1.encode import (
    CONTINUE,
    LAST_CHUNK,
    chunk_head,
    field_lines,
    last_chunk,
    status_line,
)


@pytest.mark.parametrize(
    ("status", "reason", "line"),
    [
        (200, b"OK", b"HTTP/1.1 200 OK\r\n"),
        (200, b"", b"HTTP/1.1 200 OK\r\n"),
        (404, b"Nicht da", b"HTTP/1.1 404 Nicht da\r\n"),
        (413, b"", b"HTTP/1.1 413 Content Too Large\r\n"),
        (422, b"", b"HTTP/1.1 422 Unprocessable Content\r\n"),
        (299, b"", b"HTTP/1.1 299 \r\n"),
    ],
)
def test_status_lines_keep_the_reason_and_know_the_usual_ones(status: int, reason: bytes, line: bytes) -> None:
    assert status_line(status, reason) == line


def test_fields_become_lines_in_order() -> None:
    assert field_lines([(b"A", b"1"), (b"a", b""), (b"B", b"\xff")]) == b"A: 1\r\na: \r\nB: \xff\r\n"
    assert field_lines([]) == b""


def test_chunks_and_trailers_are_what_h11_reads() -> None:
    pieces = [b"a", b"b" * 0x1F, b"c" * 70_000]
    body = b"".join(chunk_head(len(piece)) + piece + b"\r\n" for piece in pieces)
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    head = status_line(200, b"") + field_lines([(b"Transfer-Encoding", b"chunked")]) + b"\r\n"
    client.receive_data(CONTINUE + head + body + last_chunk([(b"X-Sum", b"7")]))
    assert client.next_event().status_code == 100  # type: ignore[union-attr]
    assert isinstance(client.next_event(), h11.Response)
    received = b""
    while isinstance(event := client.next_event(), h11.Data):
        received += event.data
    assert received == b"".join(pieces)
    assert isinstance(event, h11.EndOfMessage)
    assert list(event.headers) == [(b"x-sum", b"7")]


def test_the_last_chunk_without_trailers() -> None:
    assert last_chunk([]) == LAST_CHUNK == b"0\r\n\r\n"
