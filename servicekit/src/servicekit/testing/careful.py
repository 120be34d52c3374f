"""Careful callers: each POST under a fresh Idempotency-Key, each change with If-Match, unless a test says otherwise."""

import uuid
from typing import Any

import httpx
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse


def be_careful(request: httpx.Request) -> None:
    """A request hook for httpx."""
    if request.method == "POST":
        request.headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
    if request.method in ("PATCH", "DELETE"):
        request.headers.setdefault("If-Match", "*")


def careful_http(base_url: str, **options: Any) -> httpx.Client:
    """An httpx client that is careful."""
    return httpx.Client(base_url=base_url, timeout=60, event_hooks={"request": [be_careful]}, **options)


class _CarefulClient(FlaskClient):
    def open(self, *args: Any, **options: Any) -> TestResponse:
        if args and not isinstance(args[0], str | EnvironBuilder):
            return super().open(*args, **options)
        headers = dict(options.pop("headers", None) or {})
        if options.get("method") == "POST":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        if options.get("method") in ("PATCH", "DELETE"):
            headers.setdefault("If-Match", "*")
        return super().open(*args, headers={name: value for name, value in headers.items() if value}, **options)


def careful_client(app: Flask) -> FlaskClient:
    """A Flask test client that is careful; a header given as "" is left out."""
    app.test_client_class = _CarefulClient
    return app.test_client()
