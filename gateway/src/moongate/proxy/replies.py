"""Answers that the gateway gives itself: a filter's own, and problem+json (RFC 9457), one shape for every failure.

Nothing of the request is echoed, no address, no exception: what a stranger needs is the code, and the id to ask about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from moongate.core.clock import http_date
from moongate.filters import Response
from moongate.protocol.http1.encode import field_lines, status_line

if TYPE_CHECKING:
    from moongate.core.edits import FieldEdits
    from moongate.core.errors import Failure
    from moongate.core.message import Field


class Problem(msgspec.Struct):
    """RFC 9457's members, and three of ours. ``instance`` names this one occurrence, as the log does."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    origin: str
    request_id: str


_encoder = msgspec.json.Encoder()


def problem(failure: Failure, request_id: bytes, fields: tuple[Field, ...] = ()) -> Response:
    """``failure`` as an answer, with ``fields`` of its own."""
    name = request_id.decode("ascii")
    body = _encoder.encode(
        Problem(
            type="about:blank",
            title=failure.title,
            status=failure.status,
            detail=failure.detail,
            instance=f"urn:request:{name}",
            code=failure.code,
            origin="gateway",
            request_id=name,
        )
    )
    own: list[Field] = [(b"Content-Type", b"application/problem+json"), (b"Cache-Control", b"no-store"), *fields]
    if failure.retry_after:
        own.append((b"Retry-After", b"%d" % failure.retry_after))
    return Response(failure.status, body, tuple(own))


def reply_bytes(
    response: Response, request_id: bytes, *, keep_alive: bool, bodiless: bool = False, edits: FieldEdits | None = None
) -> tuple[bytes, int]:
    """The whole response, and the size of its body. ``bodiless`` for HEAD: the length is told, the body is not sent."""
    lines = field_lines(list(response.fields))
    if edits is not None:
        lines = edits.apply(lines)
    own: list[Field] = [(b"Date", http_date())]
    if response.status >= 200 and response.status not in (204, 304):
        own.append((b"Content-Length", b"%d" % len(response.body)))
    else:
        bodiless = True
    own.append((b"X-Request-Id", request_id))
    if not keep_alive:
        own.append((b"Connection", b"close"))
    head = status_line(response.status, b"") + lines + field_lines(own) + b"\r\n"
    return (head, 0) if bodiless else (head + response.body, len(response.body))
