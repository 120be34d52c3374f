"""Recorded requests: by hand or from the access log, each wrong line told and passed over."""

from __future__ import annotations

import pytest

from moongate.compile.offline import Request
from moongate.compile.recording import recorded_requests
from moongate.config import Problem


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ('{"method": "GET", "url": "http://h/a?b"}', Request("GET", "http://h/a?b")),
        ('{"method": "GET", "url": "/a", "headers": {"X": "1"}}', Request("GET", "/a", (("X", "1"),))),
        ('{"ts": 1, "method": "PUT", "path": "/a", "status": 200}', Request("PUT", "/a")),
        ('{"method": "PUT", "path": "/a", "host": "h:80"}', Request("PUT", "http://h:80/a")),
        ('{"method": "GET", "url": "/%2f"}', Request("GET", "/%2f")),
    ],
)
def test_a_line(line: str, request_: Request) -> None:
    assert list(recorded_requests([line], "f")) == [request_]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("GET /a", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "a recorded request is an object with `method` and `url` or `path`"),
        ('{"url": "/a"}', "a recorded request has `method` and `url` or `path`, both text"),
        ('{"method": null, "path": null}', "a recorded request has `method` and `url` or `path`, both text"),
        ('{"method": "GET", "url": "/a", "headers": {"X": 1}}', "`headers` is an object of names and text"),
        ('{"method": "GET", "url": "/a\\r\\nX: y"}', "a request line or header holds no line break"),
    ],
)
def test_a_wrong_line(line: str, message: str) -> None:
    good = '{"method": "GET", "url": "/"}'
    assert list(recorded_requests([good, "", line, good], "f.jsonl")) == [
        Request("GET", "/"),
        Problem("f.jsonl", 3, 1, message),
        Request("GET", "/"),
    ]
