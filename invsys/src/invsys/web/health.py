"""`/healthz`: the process answers. `/readyz`: the database answers and has the schema this program needs."""

from flask import Blueprint, Response

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import StoreUnavailableError
from invsys.web.answers import encode


def build(services: Services) -> Blueprint:
    """The routes of health."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return _state(200, "ok")

    @routes.get("/readyz")
    def readyz() -> Response:
        try:
            trouble = services.schema_problem()
        except StoreUnavailableError:
            trouble = "the database cannot be reached"
        return _state(200, "ready") if trouble is None else _state(503, trouble)

    return routes


def _state(status: int, text: str) -> Response:
    return Response(encode({"status": text}), status, content_type="application/json")
