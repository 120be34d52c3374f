"""The heads that the gateway writes: the request as the service sees it, the response as the client does.

End-to-end fields go through as they came, in order; what is about one connection ends there (RFC 9110 section 7.6.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.core.fields import PASS, REQUEST_KINDS
from moongate.core.message import ResponseHead
from moongate.protocol.http1.encode import status_line

if TYPE_CHECKING:
    from moongate.core.edits import FieldEdits
    from moongate.core.message import Field, RequestHead

# RFC 9110 section 6.5.1: framing, routing, authentication and what the gateway itself says never come in a trailer.
# Beside what REQUEST_KINDS has no request pass on in its header section:
_NOT_IN_TRAILERS: Final = frozenset(
    (
        b"authorization",
        b"cache-control",
        b"content-encoding",
        b"content-range",
        b"content-type",
        b"cookie",
        b"max-forwards",
        b"set-cookie",
        b"trailer",
        b"via",
    )
)


def section_bytes(head: RequestHead, authority: bytes, lines: bytes, forwarded: bytes) -> bytes:
    """The header section of ``head`` for the service but for the request's id: all that changes where a client says the
    same again. ``lines`` are its end-to-end field lines as they go on, ``forwarded`` whole field lines too."""
    section = head.section
    if section.content_length >= 0:
        framing = b"Content-Length: %d\r\n" % section.content_length
    else:
        framing = b"Transfer-Encoding: chunked\r\n" if section.chunked else b""
    if section.takes_trailers:
        framing += b"TE: trailers\r\nConnection: TE\r\n"
    return b"Host: %b\r\n%b%b%bVia: 1.%d moongate\r\n" % (authority, lines, framing, forwarded, head.minor)


def request_bytes(head: RequestHead, section: bytes, request_id: bytes, query: bytes | None = None) -> bytes:
    """``head`` for the service, its header ``section`` written before; with another ``query`` where one is given."""
    query = head.query if query is None else query
    return b"".join(  # a quarter faster than formatting it
        (head.method, b" ", head.path, query, b" HTTP/1.1\r\n", section, b"X-Request-Id: ", request_id, b"\r\n\r\n")
    )


def response_framing(head: ResponseHead, request: RequestHead, keep_alive: bool) -> tuple[bytes, bool, bool]:
    """RFC 9112 section 6.3, for the client that sent ``request``, whose connection may go on if ``keep_alive``.

    Returns the framing and connection field lines, whether they say chunked, and whether the connection goes on.
    """
    is_chunked = False
    if head.status == 204:
        lines = b""
    elif head.content_length >= 0:
        lines = b"Content-Length: %d\r\n" % head.content_length
    elif head.status == 304 or request.method == b"HEAD":
        lines = b""
    elif request.minor == 1:
        is_chunked = True
        lines = b"Transfer-Encoding: chunked\r\n"
    else:
        keep_alive = False  # to HTTP/1.0 the end of the body is the end of the connection
        lines = b""
    if not keep_alive:
        lines += b"Connection: close\r\n"
    elif request.minor == 0:
        lines += b"Connection: keep-alive\r\n"
    return lines, is_chunked, keep_alive


def response_bytes(head: ResponseHead, framing: bytes, request_id: bytes) -> bytes:
    """``head`` for the client. ``framing`` are whole field lines."""
    return _upto_request_id(head, framing) + request_id + b"\r\n\r\n"


def plain_response(head: ResponseHead, request: RequestHead) -> tuple[bytes, bool]:
    """``head`` up to the request's id, for a client of HTTP/1.1 whose ``request`` was no HEAD and whose connection goes
    on; and whether it says chunked. Written once where the service says the same again."""
    if head.written is None:
        framing, is_chunked, _ = response_framing(head, request, keep_alive=True)
        head.written = (_upto_request_id(head, framing), is_chunked)
    return head.written


def _upto_request_id(head: ResponseHead, framing: bytes) -> bytes:
    return b"%b%b%bX-Request-Id: " % (status_line(head.status, head.reason), head.lines, framing)


def edited_response(head: ResponseHead, edits: FieldEdits) -> ResponseHead:
    """``head`` as it is after ``edits``; the same object where the service says the same again under the same edits."""
    if head.edited is None or head.edited[0] is not edits:
        edited = ResponseHead(head.status, head.reason, head.minor)
        edited.lines = edits.apply(head.lines)
        edited.content_length, edited.chunked = head.content_length, head.chunked
        edited.keep_alive, edited.idle_seconds = head.keep_alive, head.idle_seconds
        edited.upgrade = head.upgrade
        head.edited = (edits, edited)
    return head.edited[1]


def upgrade_bytes(head: ResponseHead, request_id: bytes) -> bytes:
    """A 101 for the client (RFC 6455 section 4.2.2)."""
    return response_bytes(head, b"Connection: Upgrade\r\nUpgrade: websocket\r\n", request_id)


def interim_bytes(head: ResponseHead) -> bytes:
    """A 1xx response for the client (RFC 9110 section 15.2)."""
    return b"%b%b\r\n" % (status_line(head.status, head.reason), head.lines)


def allowed_trailers(trailers: list[Field], edits: FieldEdits | None = None) -> list[Field]:
    """The trailer fields that may be passed on: none that is the gateway's to say, nor one that ``edits`` drop from the
    header section. Some servers take trailers for header fields."""
    refused = _NOT_IN_TRAILERS if edits is None else _NOT_IN_TRAILERS | edits.drops
    return [(name, value) for name, value in trailers if name.lower() not in refused and REQUEST_KINDS.of(name) == PASS]
