"""Answers in JSON: what was asked for, or why not as problem+json (RFC 9457), the shape that clients get too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class AdminRefused(Exception):  # noqa: N818 - a verdict about somebody's request
    """What to answer instead of what was asked for. ``more`` are further members of the problem."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.more = more


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n",
        status,
        {**_HEADERS, **(headers or {})},
        "application/json",
    )


def plain(data: bytes, content_type: str) -> Response:
    return Response(data, 200, {**_HEADERS, "Content-Type": content_type})


def problem(refused: AdminRefused) -> Response:
    titles = {
        400: "The request can not be understood",
        401: "A token is needed",
        403: "This is not allowed",
        404: "There is no such thing here",
        405: "This method is not allowed here",
        409: "This can not be done now",
        412: "What is served is not what was expected",
        413: "The request is too large",
        415: "The request has to be JSON",
        422: "The config can not be served",
        500: "The control process failed on this request",
        503: "Not ready",
    }
    body = {
        "type": "about:blank",
        "title": titles[refused.status],
        "status": refused.status,
        "detail": refused.detail,
        "code": refused.code,
        "origin": "gateway",
        **refused.more,
    }
    headers = dict(_HEADERS)
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="moongate admin"'
    return Response(msgspec.json.encode(body), refused.status, headers, "application/problem+json")
