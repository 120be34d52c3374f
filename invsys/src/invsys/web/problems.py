"""Refusals as `application/problem+json` (RFC 9457): the one table from error to status."""

import logging
from typing import Any

from flask import Flask, Response, json, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from invsys.domain import errors
from invsys.web.schemas import allocation_out

log = logging.getLogger("invsys.web")

_HTTP_CODES = {
    400: "bad_request",
    404: "route_not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}
RETRY_AFTER_S = 1


class RefusalError(Exception):
    """A refusal that the web room itself decides. `extra` members join the problem document."""

    def __init__(self, status: int, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.extra = status, code, detail, extra


def problem(status: int, code: str, detail: str, **extra: Any) -> Response:
    """Build the document; `errors` in `extra` is a list of {pointer or parameter, code, detail}."""
    body = {
        "type": "about:blank",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        **extra,
    }
    response = Response(json.dumps(body), status=status, content_type="application/problem+json")
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def install(app: Flask) -> None:
    """Route every exception to its problem document."""
    app.register_error_handler(errors.InventoryError, _refused)
    app.register_error_handler(
        RefusalError, lambda error: problem(error.status, error.code, error.detail, **error.extra)
    )
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def body_errors(error: ValidationError) -> list[dict[str, str]]:
    """What pydantic found, each with a JSON pointer (RFC 6901) into the body."""
    return [{"pointer": pointer(found["loc"]), **_finding(found)} for found in error.errors(include_url=False)]


def query_errors(error: ValidationError) -> list[dict[str, str]]:
    """What pydantic found in the query string, by parameter."""
    return [
        {"parameter": str(found["loc"][0]) if found["loc"] else "", **_finding(found)}
        for found in error.errors(include_url=False)
    ]


def pointer(path: tuple[int | str, ...]) -> str:
    """A JSON pointer from the steps of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _finding(found: Any) -> dict[str, str]:
    return {"code": found["type"], "detail": found["msg"].removeprefix("Value error, ")}


def _refused(error: errors.InventoryError) -> Response:
    match error:
        case errors.InvalidValueError():
            where = pointer(tuple(error.field.split(".")))
            found = {"pointer": where, "code": error.code, "detail": error.detail}
            return problem(422, "validation_failed", f"{error.field}: {error.detail}", errors=[found])
        case errors.NotFoundError():
            return problem(404, f"{error.what}_{error.code}", f"there is no {error.what} {error.ident!r} here")
        case errors.DuplicateNameError():
            return problem(409, "duplicate_name", f"another {error.kind} is named {error.name!r}: choose another name")
        case errors.AllocationConflictError():
            detail = "the resource is already allocated during this interval"
            return problem(409, "allocation_conflict", detail, conflicting_allocation=allocation_out(error.existing))
        case errors.StoreUnavailableError():
            log.warning("database unavailable: %s", error.reason)
            return problem(503, "database_unavailable", "the database cannot answer now: try again")
    return _bug(error)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    detail = error.description or "the request cannot be answered"
    response = problem(status, _HTTP_CODES.get(status, "refused"), detail)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _bug(error: Exception) -> Response:
    log.exception("a bug answered %s %s", request.method, request.path, exc_info=error)
    return problem(500, "internal", "the service failed; the log has the reason")
