"""Answers that the gateway gives itself: problem+json (RFC 9457), the same shape for every failure.

Nothing of the request is echoed, no address, no exception: what a stranger needs is the code, and the id to ask about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from moongate.core.clock import http_date
from moongate.protocol.http1.encode import field_lines, status_line

if TYPE_CHECKING:
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


def problem_reply(
    failure: Failure, request_id: bytes, *, keep_alive: bool, bodiless: bool = False, fields: tuple[Field, ...] = ()
) -> tuple[bytes, int]:
    """The whole response, and the size of its body. ``bodiless`` for HEAD: the length is told, the body is not sent."""
    name = request_id.decode("ascii")
    problem = Problem(
        type="about:blank",
        title=failure.title,
        status=failure.status,
        detail=failure.detail,
        instance=f"urn:request:{name}",
        code=failure.code,
        origin="gateway",
        request_id=name,
    )
    body = _encoder.encode(problem)
    own: list[Field] = [
        (b"Date", http_date()),
        (b"Content-Type", b"application/problem+json"),
        (b"Content-Length", b"%d" % len(body)),
        (b"Cache-Control", b"no-store"),
        (b"X-Request-Id", request_id),
        *fields,
    ]
    if failure.retry_after:
        own.append((b"Retry-After", b"%d" % failure.retry_after))
    if not keep_alive:
        own.append((b"Connection", b"close"))
    head = status_line(failure.status, b"") + field_lines(own) + b"\r\n"
    return (head, 0) if bodiless else (head + body, len(body))
