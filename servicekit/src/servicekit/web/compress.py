"""gzip for answers worth it.

Answers with an ETag stay as they are: a strong ETag names bytes, and one thing is small anyway. Lists, which can be
large, have none.
"""

import gzip

from flask import Flask, Response, request

MIN_BYTES = 1024
"""Below this a packet carries the answer either way."""


def install(app: Flask) -> None:
    """Compress what the caller accepts compressed."""

    @app.after_request
    def compress(response: Response) -> Response:
        if response.direct_passthrough or "ETag" in response.headers or response.status_code in (204, 304):
            return response
        response.vary.add("Accept-Encoding")
        size = response.content_length or 0
        if size < MIN_BYTES or not request.accept_encodings["gzip"] or "Content-Encoding" in response.headers:
            return response
        response.set_data(gzip.compress(response.get_data(), compresslevel=5))
        response.headers["Content-Encoding"] = "gzip"
        return response
