"""The gateway a Python team writes in an afternoon: Flask, requests, gunicorn. It exists for the comparison only.

Textbook style, but not crippled: one pooled `requests.Session`, connections kept alive on both sides, streamed answers.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import requests
from flask import Flask, Response, request
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Iterable
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def create_app() -> Flask:
    """The WSGI app; ORIGIN in the environment says where requests go, THREADS how many at once."""
    origin = os.environ["ORIGIN"]
    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=int(os.environ["THREADS"])))
    session.trust_env = False  # looking for proxies and .netrc for each request would double its cost
    app = Flask(__name__)

    @app.route("/", defaults={"path": ""}, methods=METHODS)
    @app.route("/<path:path>", methods=METHODS)
    def forward(path: str) -> Response:
        answer = session.request(
            request.method,
            f"{origin}/{path}",
            params=request.query_string,
            headers={**dict(_end_to_end(request.headers)), "X-Forwarded-For": str(request.remote_addr)},
            data=request.get_data(),
            allow_redirects=False,
            stream=True,
        )
        # the raw stream, not .content: bodies pass as they came, compressed or not
        body = answer.raw.stream(65536, decode_content=False)
        return Response(body, answer.status_code, list(_end_to_end(answer.headers.items())))

    return app


def _end_to_end(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, value in headers if name.lower() not in HOP_BY_HOP)
