"""`/healthz`: the process answers. `/readyz`: the database answers and has the schema this program needs."""

from collections.abc import Callable

from flask import Blueprint, Response

from servicekit.core.errors import StoreUnavailableError
from servicekit.web.answers import encode


def build(schema_problem: Callable[[], str | None]) -> Blueprint:
    """The routes of health; `schema_problem` asks the database, and raises StoreUnavailableError."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return _state(200, "ok")

    @routes.get("/readyz")
    def readyz() -> Response:
        try:
            trouble = schema_problem()
        except StoreUnavailableError:
            trouble = "the database cannot be reached"
        return _state(200, "ready") if trouble is None else _state(503, trouble)

    return routes


def _state(status: int, text: str) -> Response:
    return Response(encode({"status": text}), status, content_type="application/json")
