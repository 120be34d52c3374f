"""Recorded requests, one JSON object a line: made by hand, or the gateway's own access log.

``{"method": "GET", "url": "http://host/path?query", "headers": {"X-Version": "2"}}``; instead of ``url``, an access log
line has ``path`` (and may have ``host``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moongate.compile.offline import Request, read_head
from moongate.config import Problem
from moongate.core.errors import MessageRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def recorded_requests(lines: Iterable[str], source: str) -> Iterator[Request | Problem]:
    """Each line as a request, or as the problem with it; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _request(json.loads(line))
        except (ValueError, RecursionError) as error:
            message = "not JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else str(error)
            yield Problem(source, number, 1, message)


def _request(record: Any) -> Request:
    if not isinstance(record, dict):
        raise ValueError("a recorded request is an object with `method` and `url` or `path`")
    method, url, headers = record.get("method"), record.get("url"), record.get("headers", {})
    if url is None and isinstance(record.get("path"), str):
        host = record.get("host")
        url = f"http://{host}{record['path']}" if isinstance(host, str) and host else record["path"]
    if not isinstance(method, str) or not isinstance(url, str):
        raise ValueError("a recorded request has `method` and `url` or `path`, both text")
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise ValueError("`headers` is an object of names and text")
    request = Request(method, url, tuple(headers.items()))
    try:
        read_head(request)
    except MessageRefused:
        pass  # refused under any config: no business of a comparison, but a request all the same
    return request
