"""Cursors of pages: where to go on, signed, and bound to the question they belong to."""

import base64
import binascii
import hashlib
import hmac
import json

from flask import Request

from servicekit.core.values import Position
from servicekit.web.problems import RefusalError

_MAC_BYTES = 16


def encode(secret: bytes, request: Request, position: Position) -> str:
    """The cursor that goes on after `position` in the list that `request` asks for."""
    payload = json.dumps([position.value, position.ident], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(secret, request, payload) + payload).decode().rstrip("=")


def decode(secret: bytes, request: Request, text: str) -> Position:
    """Raises RefusalError 400 for what is no cursor of ours, or one of another list."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not payload or not hmac.compare_digest(mac, _mac(secret, request, payload)):
        found = [{"parameter": "cursor", "code": "bad_cursor", "detail": "is not from this list with these filters"}]
        detail = "cursor: is not from this list: follow the next links as they are, or start without a cursor"
        raise RefusalError(400, "bad_query", detail, errors=found)
    value, ident = json.loads(payload)
    return Position(value, ident)


def _mac(secret: bytes, request: Request, payload: bytes) -> bytes:
    # The page size may change on the way; everything else that shapes the list may not.
    filters = sorted((name, value) for name, value in request.args.items() if name not in ("cursor", "limit"))
    bound = json.dumps([request.path, filters]).encode()
    return hmac.digest(secret, bound + b"\n" + payload, hashlib.sha256)[:_MAC_BYTES]
