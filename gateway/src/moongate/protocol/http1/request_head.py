"""One request's head from bytes: read by httptools, judged here, recognized where it says what was said before.

httptools tokenizes; what it lets through is refused here: Transfer-Encoding lists, several Hosts, an absolute form
unequal to Host, HTTP/1.0 with Transfer-Encoding, other spellings of the request line.
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
    METHOD_NOT_ALLOWED,
    URI_TOO_LONG,
    VERSION_NOT_SUPPORTED,
    MessageRefused,
)
from moongate.core.fields import FORWARDING, NOT_REMOVABLE, REQUEST_KINDS
from moongate.core.limits import MAX_FIELDS, MAX_LINE_BYTES
from moongate.core.message import Field, RequestHead, RequestSection, fields_of
from moongate.protocol.http1.encode import field_lines
from moongate.protocol.http1.framing import connection_options, has_token, is_chunked, length_of
from moongate.protocol.http1.lines import VALUE_OCTETS, LineMemory
from moongate.protocol.http1.target import PLAIN_PATH, PLAIN_QUERY, host_of, split_target

# No control character but HTAB, and CR LF, whose pairing llhttp checks.
HEAD_OCTETS: Final = b"\r\n" + VALUE_OCTETS
_PLAIN_LINE: Final = re.compile(
    rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (" + PLAIN_PATH + rb")(" + PLAIN_QUERY + rb") HTTP/1\.1\r\n"
)
_LATER_VERSION: Final = re.compile(rb"[^\r\n]* HTTP/[2-9](?:\.[0-9])?\r\n")
_TOKEN_AND_SPACE: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ ")

_lines: Final = LineMemory(REQUEST_KINDS)


class RequestHeadParser:
    """The heads of one connection. ``recognize`` a whole one, or ``feed`` it piece by piece and ``finish``."""

    __slots__ = ("_block", "_callbacks", "_section")

    def __init__(self) -> None:
        self._block = b""  # the last header section that was recognized here, and what it means
        self._section: RequestSection | None = None
        self._callbacks: _Callbacks | None = None

    def recognize(self, raw: bytes) -> RequestHead | None:
        """The head, where its request line is plain and its field lines are known; else None. Raises MessageRefused."""
        line = _PLAIN_LINE.match(raw)
        if line is None:
            return None
        block = raw[line.end() : -2]
        section = self._section
        if section is None or block != self._block:
            sorted_lines = _lines.sort(block)
            if sorted_lines is None:
                return None
            section = _read_section(*sorted_lines, minor=1)
            self._block, self._section = block, section
        method, path, query = line.groups()
        if len(raw) > MAX_LINE_BYTES:
            _check_target(path + query)
        return RequestHead(method, path, query, section)

    def feed(self, piece: bytes) -> bool:
        """Hand ``piece`` to httptools; whether the head is whole. Raises HttpParserError."""
        if self._callbacks is None:
            self._callbacks = _Callbacks()
        try:
            self._callbacks.parser.feed_data(piece)
        except HttpParserUpgrade:
            pass  # an Upgrade field; the head is whole, and what follows it was not handed in
        return self._callbacks.is_complete

    def finish(self, raw: bytes) -> RequestHead:
        """The head that was fed, ``raw`` in all. Raises MessageRefused."""
        callbacks, self._callbacks = self._callbacks, None
        assert callbacks is not None
        if raw.translate(None, HEAD_OCTETS):
            raise MessageRefused(BAD_REQUEST, "bad_header")
        method: bytes = callbacks.parser.get_method()
        minor = _minor_version(method, callbacks.target, raw)
        if len(callbacks.passing) + len(callbacks.special) > MAX_FIELDS:
            raise MessageRefused(HEADERS_TOO_LARGE, "too_many_fields")
        if len(raw) > MAX_LINE_BYTES:
            _check_target(callbacks.target)
            _check_fields(callbacks.passing + callbacks.special)
        path, query, authority = split_target(method, callbacks.target)
        section = _read_section(field_lines(callbacks.passing), callbacks.special, minor)
        if authority is not None and authority.lower() != section.authority.lower():
            raise MessageRefused(BAD_REQUEST, "host_mismatch")
        return RequestHead(method, path, query, section, minor)


class _Callbacks:
    """What httptools calls while it reads one head."""

    __slots__ = ("is_complete", "parser", "passing", "special", "target")

    def __init__(self) -> None:
        self.target = b""
        self.passing: list[Field] = []
        self.special: list[Field] = []
        self.is_complete = False
        self.parser = HttpRequestParser(self)

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        kind = REQUEST_KINDS.of(name)
        if kind:
            self.special.append((kind, value))
        else:
            self.passing.append((name, value))

    def on_headers_complete(self) -> None:
        self.is_complete = True


def _minor_version(method: bytes, target: bytes, raw: bytes) -> int:
    """0 or 1. The request line must be spelled in the one way that RFC 9112 section 3 gives; llhttp is wider."""
    start = 0
    while raw.startswith(b"\r\n", start):
        start += 2
    line = method + b" " + target + b" HTTP/1."
    if raw.startswith(line, start):
        digit = raw[start + len(line) : start + len(line) + 3]
        if digit == b"1\r\n":
            return 1
        if digit == b"0\r\n":
            return 0
    if _LATER_VERSION.match(raw, start) is not None:
        raise MessageRefused(VERSION_NOT_SUPPORTED, "bad_version")
    raise MessageRefused(BAD_REQUEST, "bad_request_line")


def _read_section(lines: bytes, special: list[Field], minor: int) -> RequestSection:
    """Host, framing and connection options; what only the gateway may say about forwarding is set aside."""
    section = RequestSection()
    section.lines = lines
    section.keep_alive = minor == 1
    for kind, value in special:
        if kind == b"host":
            _read_host(section, value)
        elif kind == b"content-length":
            length = length_of(value)
            if length is None or section.content_length >= 0:
                raise MessageRefused(BAD_REQUEST, "bad_cl")
            section.content_length = length
        elif kind == b"connection":
            _read_connection(section, value, minor)
        elif kind == b"transfer-encoding":
            _read_transfer_encoding(section, value, minor)
        elif kind in FORWARDING:
            if section.forwarding is None:
                section.forwarding = []
            section.forwarding.append((kind, value))
        elif kind == b"x-request-id":
            section.request_id = value
        elif kind == b"expect":
            if value.lower() != b"100-continue":
                raise MessageRefused(EXPECTATION_FAILED, "bad_expect")
            section.expects_continue = minor == 1  # RFC 9110 section 10.1.1
        elif kind == b"te" and minor == 1:
            section.takes_trailers = section.takes_trailers or has_token(value, b"trailers")
    if section.chunked and section.content_length >= 0:
        raise MessageRefused(BAD_REQUEST, "cl_te")
    if minor == 1 and not section.host:
        raise MessageRefused(BAD_REQUEST, "bad_host")
    section.has_body = section.chunked or section.content_length > 0
    return section


def _read_host(section: RequestSection, value: bytes) -> None:
    host = host_of(value)
    if host is None or section.authority:
        raise MessageRefused(BAD_REQUEST, "bad_host")
    section.authority = value
    section.host = host


def _read_connection(section: RequestSection, value: bytes, minor: int) -> None:
    options = connection_options(value)
    if options is None:
        raise MessageRefused(BAD_REQUEST, "bad_connection")
    if options.close:
        section.keep_alive = False
    elif options.keep_alive and minor == 0:
        section.keep_alive = True
    removable = options.names - NOT_REMOVABLE
    if removable:
        fields = fields_of(section.lines)
        section.lines = field_lines([field for field in fields if field[0].lower() not in removable])


def _read_transfer_encoding(section: RequestSection, value: bytes, minor: int) -> None:
    if minor == 0 or section.chunked:
        raise MessageRefused(BAD_REQUEST, "bad_te")
    if not is_chunked(value):
        raise MessageRefused(CODING_NOT_IMPLEMENTED, "bad_te")
    section.chunked = True


def _check_target(target: bytes) -> None:
    if len(target) > MAX_LINE_BYTES:
        raise MessageRefused(URI_TOO_LONG, "target_too_long")


def _check_fields(fields: list[Field]) -> None:
    for name, value in fields:
        if len(name) + len(value) + 4 > MAX_LINE_BYTES:
            raise MessageRefused(HEADERS_TOO_LARGE, "field_too_long")


def too_large(raw: bytes) -> MessageRefused:
    """The refusal of a head that is not whole at the limit: is it the target that is too long, or the fields?"""
    line_end = raw.find(b"\r\n", len(raw) - len(raw.lstrip(b"\r\n")))
    if line_end < 0 or line_end > MAX_LINE_BYTES:
        return MessageRefused(URI_TOO_LONG, "target_too_long")
    return MessageRefused(HEADERS_TOO_LARGE, "head_too_large")


def refusal(error: HttpParserError, raw: bytes) -> MessageRefused:
    """llhttp's verdict as ours; its texts are fixed strings without anything of the caller's."""
    raw = raw.lstrip(b"\r\n")
    if isinstance(error, HttpParserInvalidMethodError) and _TOKEN_AND_SPACE.match(raw) is not None:
        return MessageRefused(METHOD_NOT_ALLOWED._replace(closes=True), "unknown_method")
    text = str(error)
    if "Transfer-Encoding" in text:
        return MessageRefused(BAD_REQUEST, "cl_te")
    if "Content-Length" in text:
        return MessageRefused(BAD_REQUEST, "bad_cl")
    if "version" in text.lower():
        later = _LATER_VERSION.match(raw) is not None
        return MessageRefused(VERSION_NOT_SUPPORTED if later else BAD_REQUEST, "bad_version")
    return MessageRefused(BAD_REQUEST, "bad_target" if "url" in text.lower() else "bad_header")
