"""Answers: JSON bodies with their headers, made so that they can be stored and given again."""

import json
from typing import Any

from flask import Response

from servicekit.core.idempotency import Answer

JSON = "application/json"
PROBLEM = "application/problem+json"
RETRY_AFTER_S = 1


def one(body: dict[str, Any], status: int = 200, location: str | None = None) -> Answer:
    """One thing, with the strong ETag of its version; a new one with its Location."""
    headers = {"Content-Type": JSON, "ETag": etag(body["version"])}
    if location is not None:
        headers["Location"] = location
    return Answer(status, headers, encode(body))


def plain(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Any JSON."""
    return Answer(status, {"Content-Type": JSON, **(headers or {})}, encode(body))


def nothing() -> Answer:
    """204."""
    return Answer(204, {}, "")


def problem(body: dict[str, Any]) -> Answer:
    """A problem document (RFC 9457); the status is its member."""
    headers = {"Content-Type": PROBLEM}
    if body["status"] == 503 or body["code"] == "request_running":
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return Answer(body["status"], headers, encode(body))


def respond(answer: Answer) -> Response:
    """The answer as Flask sends it."""
    response = Response(answer.body, answer.status, answer.headers)
    if answer.is_replay:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def etag(version: int) -> str:
    """A strong ETag: each change of a thing counts its version up."""
    return f'"{version}"'


def encode(body: Any) -> str:
    """Compact JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
