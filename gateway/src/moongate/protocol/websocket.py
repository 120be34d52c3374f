"""What a gateway must know of WebSocket (RFC 6455): whether a handshake is one, and where a frame ends.

Frames pass unread. Their lengths are followed so that the gateway can say its own goodbye between two of them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from moongate.core.message import fields_of

if TYPE_CHECKING:
    from moongate.core.message import Field, RequestHead, ResponseHead

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
WEBSOCKET: Final = b"websocket"  # the upgrade's name
VERSION: Final = b"13"
GOING_AWAY: Final = 1001
POLICY_VIOLATION: Final = 1008
_MAX_HEADER: Final = 14
# The size of a whole frame by its second octet; 0 where the length stands in further ones.
_SHORT_FRAME: Final = [
    0 if octet & 0x7F > 125 else 2 + (octet & 0x7F) + (4 if octet & 0x80 else 0) for octet in range(256)
]


def accept_of(key: bytes) -> bytes:
    """The Sec-WebSocket-Accept that answers ``key`` (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def is_handshake(head: RequestHead) -> bool:
    """Whether a request that asks for the upgrade ``websocket`` is a handshake (section 4.2.1), its version aside."""
    fields = head.fields
    keys, versions = _values(fields, b"sec-websocket-key"), _values(fields, b"sec-websocket-version")
    if len(keys) != 1 or len(versions) > 1:
        return False  # the service might read another one than the gateway
    try:
        nonce = base64.b64decode(keys[0], validate=True)
    except binascii.Error:
        return False
    return head.method == b"GET" and not head.section.has_body and len(nonce) == 16


def is_accepted(request: RequestHead, response: ResponseHead) -> bool:
    """Whether a 101 response answers this very handshake (section 4.1, what the client must check)."""
    expected = accept_of(request.get(b"sec-websocket-key") or b"")
    answers = _values(fields_of(response.lines), b"sec-websocket-accept")
    return response.upgrade.lower() == WEBSOCKET and answers == [expected]


def _values(fields: list[Field], wanted: bytes) -> list[bytes]:
    return [value for name, value in fields if name.lower() == wanted]


def close_frame(status: int, *, is_masked: bool) -> bytes:
    """What goes to a server is masked (section 5.3)."""
    payload = status.to_bytes(2, "big")
    if not is_masked:
        return b"\x88\x02" + payload
    mask = secrets.token_bytes(4)
    return b"\x88\x82" + mask + bytes((payload[0] ^ mask[0], payload[1] ^ mask[1]))


class FrameBoundaries:
    """Follows one direction's frames (section 5.2) by their lengths alone."""

    __slots__ = ("_header", "_left")

    def __init__(self) -> None:
        self._left = 0  # octets of the present frame's payload
        self._header = b""  # of a header that is not whole

    @property
    def is_between_frames(self) -> bool:
        return not self._left and not self._header

    def feed(self, data: bytes) -> None:
        """``data`` passes."""
        position, size = self._left, len(data)
        while position < size:
            if not self._header:
                position = _skip_short(data, position)
                if position >= size:
                    break
            header = self._header + data[position : position + _MAX_HEADER - len(self._header)]
            length = _header_length(header)
            if len(header) < length:
                self._header = header
                self._left = 0
                return
            position += length - len(self._header) + _payload_length(header)
            self._header = b""
        self._left = position - size


def _skip_short(data: bytes, position: int) -> int:
    """Behind the short frames at ``position``. A flood of empty ones must not cost more than other octets."""
    last = len(data) - 2
    while position <= last and (step := _SHORT_FRAME[data[position + 1]]):
        position += step
    return position


def _header_length(header: bytes) -> int:
    if len(header) < 2:
        return 2
    short = header[1] & 0x7F
    return 2 + (8 if short == 127 else 2 if short == 126 else 0) + (4 if header[1] & 0x80 else 0)


def _payload_length(header: bytes) -> int:
    short = header[1] & 0x7F
    if short < 126:
        return short
    return int.from_bytes(header[2:4] if short == 126 else header[2:10], "big")
