"""One request's head from bytes: read by httptools, judged here, recognized where it says what was said before.

httptools tokenizes the fields; what it lets through is refused here: Transfer-Encoding lists, several Hosts, an
absolute form unequal to Host, HTTP/1.0 with Transfer-Encoding. It is handed whole heads only, so that what a head means
can not hang on where the network cut it.
"""

from __future__ import annotations

import re
from typing import Final

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser

from moongate.core.errors import (
    BAD_REQUEST,
    CODING_NOT_IMPLEMENTED,
    EXPECTATION_FAILED,
    HEADERS_TOO_LARGE,
    METHOD_REFUSED,
    MessageRefused,
)
from moongate.core.fields import FORWARDING, FORWARDING_PREFIX, NOT_REMOVABLE, REQUEST_KINDS
from moongate.core.limits import MAX_LINE_BYTES
from moongate.core.message import Field, RequestHead, RequestSection, lines_without
from moongate.protocol.http1.encode import field_lines
from moongate.protocol.http1.framing import connection_options, framing_reason, has_token, is_chunked, length_of
from moongate.protocol.http1.lines import VALUE_OCTETS, FieldSorter, LineMemory
from moongate.protocol.http1.request_line import read_line
from moongate.protocol.http1.target import PLAIN_PATH, PLAIN_QUERY, host_of, split_target

_FIELD_OCTETS: Final = b"\r\n" + VALUE_OCTETS
_PLAIN_LINE: Final = re.compile(
    rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (" + PLAIN_PATH + rb")(" + PLAIN_QUERY + rb") HTTP/1\.1\r\n"
)

_lines: Final = LineMemory(REQUEST_KINDS)


class RequestHeadParser:
    """The request heads of one connection, each as a whole, without blank lines before it."""

    __slots__ = ("_block", "_section")

    def __init__(self) -> None:
        self._block = b""  # the last header section that was recognized here, and what it means
        self._section: RequestSection | None = None

    def recognize(self, raw: bytes) -> RequestHead | None:
        """The head, where its request line is plain and its field lines are known and well; else None: what is refused,
        and why, is the long way's to say."""
        line = _PLAIN_LINE.match(raw)
        if line is None:
            return None
        block = raw[line.end() : -2]
        section = self._section
        if section is None or block != self._block:
            sorted_lines = _lines.sort(block)
            if sorted_lines is None:
                return None
            try:
                section = _read_section(*sorted_lines, minor=1)
            except MessageRefused:
                return None
            self._block, self._section = block, section
        method, path, query = line.groups()
        if len(raw) > MAX_LINE_BYTES and len(path) + len(query) > MAX_LINE_BYTES:
            return None
        return RequestHead(method, path, query, section)

    def read(self, raw: bytes) -> RequestHead:
        """The head, whatever it says. Raises MessageRefused."""
        method, target, minor, size = read_line(raw)
        check_fields(raw[size:])
        passing, special = _read_fields(raw)
        path, query, authority = split_target(method, target)
        section = _read_section(field_lines(passing), special, minor)
        if authority is not None:
            _compare_authority(section, authority, minor)
        return RequestHead(method, path, query, section, minor)


def _read_fields(raw: bytes) -> tuple[list[Field], list[Field]]:
    """The fields that pass, and those that somebody must read, as (kind, value), by way of httptools."""
    fields = FieldSorter(REQUEST_KINDS)
    try:
        HttpRequestParser(fields).feed_data(raw)
    except HttpParserUpgrade:
        pass  # an Upgrade field, or CONNECT
    except HttpParserError as error:
        if not fields.is_complete:  # else it is the body that llhttp could not read, and we can
            raise _refusal(error) from None
    if not fields.is_complete:
        raise MessageRefused(BAD_REQUEST, "bad_header")
    if fields.is_too_many:
        raise MessageRefused(HEADERS_TOO_LARGE, "too_many_fields")
    return fields.passing, fields.special


def check_fields(block: bytes) -> None:
    """Raises MessageRefused where ``block``, a header section or the beginning of one, holds a control character, a CR
    or LF by itself, or too long a line."""
    line_ends = block.count(b"\r\n")
    bare = block.count(b"\n") != line_ends or block.count(b"\r") - block.endswith(b"\r") != line_ends
    if bare or block.translate(None, _FIELD_OCTETS):
        raise MessageRefused(BAD_REQUEST, "bad_header")
    if len(block) > MAX_LINE_BYTES and max(map(len, block.split(b"\r\n"))) > MAX_LINE_BYTES:
        raise MessageRefused(HEADERS_TOO_LARGE, "field_too_long")


def _read_section(lines: bytes, special: list[Field], minor: int) -> RequestSection:
    """Host, framing and connection options; what only the gateway may say about forwarding is set aside."""
    section = RequestSection()
    section.lines = lines
    section.keep_alive = minor == 1
    connections: list[bytes] = []
    upgrades: list[bytes] = []
    for kind, value in special:
        if kind == b"host":
            _read_host(section, value)
        elif kind == b"content-length":
            length = length_of(value)
            if length is None or section.content_length >= 0:
                raise MessageRefused(BAD_REQUEST, "bad_cl")
            section.content_length = length
        elif kind == b"connection":
            connections.append(value)
        elif kind == b"transfer-encoding":
            _read_transfer_encoding(section, value, minor)
        elif kind in FORWARDING or kind.startswith(FORWARDING_PREFIX):
            if section.forwarding is None:
                section.forwarding = []
            section.forwarding.append((kind, value))
        elif kind == b"x-request-id":
            section.request_id = value
        elif kind == b"expect":
            if value.lower() != b"100-continue":
                raise MessageRefused(EXPECTATION_FAILED, "bad_expect")
            section.expects_continue = minor == 1  # RFC 9110 section 10.1.1
        elif kind == b"upgrade":
            upgrades.append(value)
        elif kind == b"te" and minor == 1:
            section.takes_trailers = section.takes_trailers or has_token(value, b"trailers")
    if section.chunked and section.content_length >= 0:
        raise MessageRefused(BAD_REQUEST, "cl_te")
    if minor == 1 and not section.host:
        raise MessageRefused(BAD_REQUEST, "bad_host")
    section.has_body = section.chunked or section.content_length > 0
    if connections:
        names = _read_connections(section, connections, minor)
        if upgrades and minor == 1 and b"upgrade" in names:
            section.upgrade = b", ".join(upgrades)
    return section


def _read_host(section: RequestSection, value: bytes) -> None:
    host = host_of(value)
    if host is None or section.authority:
        raise MessageRefused(BAD_REQUEST, "bad_host")
    section.authority = value
    section.host = host


def _read_connections(section: RequestSection, values: list[bytes], minor: int) -> frozenset[bytes]:
    """Every Connection field at once: one sweep for each would let a client have its lines swept fifty times."""
    options = connection_options(values[0] if len(values) == 1 else b",".join(values))
    if options is None:
        raise MessageRefused(BAD_REQUEST, "bad_connection")
    if options.close:
        section.keep_alive = False
    elif options.keep_alive and minor == 0:
        section.keep_alive = True
    removable = options.names - NOT_REMOVABLE
    if removable:
        section.lines = lines_without(section.lines, removable)
    return options.names


def _read_transfer_encoding(section: RequestSection, value: bytes, minor: int) -> None:
    if minor == 0:
        raise MessageRefused(BAD_REQUEST, "bad_te")
    if section.chunked or not is_chunked(value):
        raise MessageRefused(CODING_NOT_IMPLEMENTED, "bad_te")
    section.chunked = True


def _compare_authority(section: RequestSection, authority: bytes, minor: int) -> None:
    """RFC 9112 section 3.2.2: an absolute form and Host say the same; HTTP/1.0 need not send Host."""
    if minor == 0 and not section.authority:
        _read_host(section, authority)
    elif authority.lower() != section.authority.lower():
        raise MessageRefused(BAD_REQUEST, "host_mismatch")


def _refusal(error: HttpParserError) -> MessageRefused:
    """llhttp's verdict as ours."""
    if isinstance(error, HttpParserInvalidMethodError):
        return MessageRefused(METHOD_REFUSED, "unknown_method")
    reason = framing_reason(str(error))
    if reason == "bad_te":
        return MessageRefused(CODING_NOT_IMPLEMENTED, reason)
    return MessageRefused(BAD_REQUEST, reason or ("bad_target" if "url" in str(error).lower() else "bad_header"))
