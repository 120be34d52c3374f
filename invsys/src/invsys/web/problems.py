"""Refusals as `application/problem+json` (RFC 9457): the one table from error to status."""

import logging
from typing import Any

from flask import Flask, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from invsys.domain import errors
from invsys.service.snapshots import allocation_snapshot
from invsys.web import answers

log = logging.getLogger("invsys.web")

MAX_ERRORS = 50
"""Errors told of one request: a small body can hold a hundred thousand, and nobody mends more at once."""
MAX_POINTER = 200
"""Characters of a pointer; a member's name may be as long as a body."""
_HTTP_CODES = {
    400: "bad_request",
    404: "route_not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


class RefusalError(Exception):
    """A refusal that the web room itself decides. `extra` members join the problem document."""

    def __init__(self, status: int, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.extra = status, code, detail, extra


def problem(status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """The document; `errors` in `extra` is a list of {pointer or parameter, code, detail}."""
    return {
        "type": "about:blank",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        **extra,
    }


def describe(error: errors.InventoryError) -> dict[str, Any]:
    """The problem document of a refusal of the inventory."""
    match error:
        case errors.InvalidValueError():
            found = {"pointer": f"/{error.field}", "code": error.code, "detail": error.detail}
            return problem(422, "validation_failed", f"{error.field}: {error.detail}", errors=[found])
        case errors.NotFoundError():
            return problem(404, f"{error.what}_not_found", f"there is no {error.what} {error.ident!r} here")
        case errors.DuplicateNameError():
            return problem(409, "duplicate_name", f"another {error.kind} is named {error.name!r}: choose another name")
        case errors.AllocationConflictError():
            existing = allocation_snapshot(error.existing)
            return problem(409, error.code, error.detail, conflicting_allocation=existing)
        case errors.StateConflictError():
            return problem(409, error.code, error.detail)
        case errors.BatchItemError():
            return _in_batch(error)
        case _:
            return _of_request(error)


def install(app: Flask) -> None:
    """Route every exception to its problem document."""
    app.register_error_handler(errors.InventoryError, lambda error: _respond(describe(error)))
    app.register_error_handler(
        RefusalError, lambda error: _respond(problem(error.status, error.code, error.detail, **error.extra))
    )
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def body_errors(error: ValidationError) -> list[dict[str, str]]:
    """The first `MAX_ERRORS` that pydantic found, each with a JSON pointer (RFC 6901) into the body."""
    return [{"pointer": pointer(found["loc"]), **_finding(found)} for found in _found(error)]


def query_errors(error: ValidationError) -> list[dict[str, str]]:
    """What pydantic found in the query string, by parameter."""
    return [
        {"parameter": str(found["loc"][0])[:MAX_POINTER] if found["loc"] else "", **_finding(found)}
        for found in _found(error)
    ]


def pointer(path: tuple[int | str, ...]) -> str:
    """A JSON pointer from the steps of a path, cut at `MAX_POINTER`; what no text can hold in it is a question mark."""
    whole = "".join("/" + str(step)[:MAX_POINTER].replace("~", "~0").replace("/", "~1") for step in path)
    return whole[:MAX_POINTER].encode("utf-8", "replace").decode()


def _found(error: ValidationError) -> list[Any]:
    return error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]


def _finding(found: Any) -> dict[str, str]:
    return {"code": found["type"], "detail": found["msg"].removeprefix("Value error, ")}


def _in_batch(error: errors.BatchItemError) -> dict[str, Any]:
    body = describe(error.cause)
    where = f"/items/{error.index}"
    inner = body.get("errors") or [{"pointer": "", "code": body["code"], "detail": body["detail"]}]
    found = [{**one, "pointer": where + one["pointer"]} for one in inner]
    return {**body, "detail": f"item {error.index}: {body['detail']}", "errors": found}


def _of_request(error: errors.InventoryError) -> dict[str, Any]:
    match error:
        case errors.StaleVersionError():
            detail = f'it has changed: its ETag is now "{error.current}"; read it again and decide anew'
            return problem(412, "stale_version", detail)
        case errors.KeyReusedError():
            return problem(422, "idempotency_key_reused", "the Idempotency-Key was used for another request")
        case errors.RequestRunningError():
            return problem(409, "request_running", "a request with this Idempotency-Key is still running: ask again")
        case errors.StoreUnavailableError():
            log.warning("database unavailable: %s", error.reason)
            return problem(503, "database_unavailable", "the database cannot answer now: try again")
    raise error


def _respond(body: dict[str, Any]) -> Response:
    return answers.respond(answers.problem(body))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    response = _respond(problem(status, _HTTP_CODES.get(status, "refused"), error.description or "cannot be answered"))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _bug(error: Exception) -> Response:
    log.exception("a bug answered %s %s", request.method, request.path, exc_info=error)
    return _respond(problem(500, "internal", "the service failed; the log has the reason"))
