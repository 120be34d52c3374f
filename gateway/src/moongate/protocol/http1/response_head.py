"""One response's head from bytes: read by httptools, judged here, recognized where it says what was said before."""

from __future__ import annotations

import re
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from moongate.core.errors import UPSTREAM_PROTOCOL_ERROR, MessageRefused
from moongate.core.fields import RESPONSE_KINDS
from moongate.core.message import Field, ResponseHead, lines_without
from moongate.protocol.http1.encode import field_lines
from moongate.protocol.http1.framing import connection_options, framing_reason, is_chunked, length_of
from moongate.protocol.http1.lines import VALUE_OCTETS, FieldSorter, LineMemory

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: ([\t \x21-\x7e\x80-\xff]{0,256}))?\r\n")
_HEAD_OCTETS: Final = b"\r\n" + VALUE_OCTETS
_IDLE_SECONDS: Final = re.compile(rb"(?i)(?:^|[,\s])timeout=([0-9]{1,6})")

_lines: Final = LineMemory(RESPONSE_KINDS)


class ResponseHeadParser:
    """The response heads of one connection. ``head`` is the last that was read, of the octets ``raw``: where the same
    come again, it is it."""

    __slots__ = ("head", "raw")

    head: ResponseHead

    def __init__(self) -> None:
        self.raw = b""

    def read(self, raw: bytes) -> ResponseHead:
        """One whole head. Raises MessageRefused (UPSTREAM_PROTOCOL_ERROR)."""
        if raw != self.raw:
            self.head = _read_head(raw)
            self.raw = raw
        return self.head


def _read_head(raw: bytes) -> ResponseHead:
    line = _STATUS_LINE.match(raw)
    if line is None:
        raise refused("bad_status_line")
    minor, status, reason = line.groups()
    head = ResponseHead(int(status), reason or b"", 1 if minor == b"1" else 0)
    sorted_lines = _lines.sort(raw[line.end() : -2])
    if sorted_lines is None:
        sorted_lines = _read_fields(raw)
    head.lines, special = sorted_lines
    if special:
        _read_special(head, special)
    return head


def _read_fields(raw: bytes) -> tuple[bytes, list[Field]]:
    """Field lines that pass, and the fields that somebody must read, as (kind, value), by way of httptools."""
    fields = FieldSorter(RESPONSE_KINDS)
    try:
        HttpResponseParser(fields).feed_data(raw)
    except HttpParserUpgrade:
        pass
    except HttpParserError as error:
        if not fields.is_complete:  # else it is the body that llhttp could not read
            raise refused(framing_reason(str(error)) or "bad_response_head") from None
    if not fields.is_complete or raw.translate(None, _HEAD_OCTETS):
        raise refused("bad_response_head")
    if fields.is_too_many:
        raise refused("too_many_fields")
    return field_lines(fields.passing), fields.special


def _read_special(head: ResponseHead, special: list[Field]) -> None:
    connections: list[bytes] = []
    for kind, value in special:
        if kind == b"content-length":
            length = length_of(value)
            if length is None or head.content_length >= 0:
                raise refused("bad_cl")
            head.content_length = length
        elif kind == b"transfer-encoding":
            if head.chunked or head.minor == 0 or not is_chunked(value):
                raise refused("bad_te")
            head.chunked = True
        elif kind == b"connection":
            connections.append(value)
        elif kind == b"upgrade":
            head.upgrade = value
        elif kind == b"keep-alive":
            found = _IDLE_SECONDS.search(value)
            head.idle_seconds = int(found[1]) if found is not None else 0
    if head.chunked and head.content_length >= 0:
        raise refused("cl_te")
    if connections:
        _read_connections(head, connections)


def _read_connections(head: ResponseHead, values: list[bytes]) -> None:
    options = connection_options(values[0] if len(values) == 1 else b",".join(values))
    if options is None:
        raise refused("bad_connection")
    if options.close:
        head.keep_alive = False
    elif options.keep_alive and head.minor == 0:
        head.keep_alive = True
    if options.names:
        head.lines = lines_without(head.lines, options.names)


def refused(reason: str) -> MessageRefused:
    """The refusal of a response."""
    return MessageRefused(UPSTREAM_PROTOCOL_ERROR, reason)
