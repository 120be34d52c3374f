"""Successful answers: JSON bodies with their headers."""

import json
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from flask import Response, request


class Versioned(Protocol):
    """Anything with an identity and a count of its changes."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


def one(body: dict[str, Any], status: int = 200) -> Response:
    """One thing, with the strong ETag of its version; a new one with its Location."""
    response = Response(encode(body), status=status, content_type="application/json")
    response.headers["ETag"] = f'"{body["version"]}"'
    if status == 201:
        response.headers["Location"] = f"{request.path}/{body['id']}"
    return response


def page(items: list[dict[str, Any]], rows: Sequence[Versioned], limit: int) -> Response:
    """A page of `items`; `rows` are what was read, one more than `limit` when there is a next page."""
    cursor = rows[limit - 1].id if len(rows) > limit else None
    response = Response(encode({"items": items[:limit], "next_cursor": cursor}), content_type="application/json")
    if cursor is not None:
        query = urlencode({**request.args.to_dict(), "cursor": cursor})
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return response


def encode(body: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
