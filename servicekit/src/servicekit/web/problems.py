"""Refusals as `application/problem+json` (RFC 9457): from error to status.

A service brings its own table, a function that returns the document of a refusal of its own and None for everything
else; `Problems` joins it with the table here.
"""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from servicekit.core import errors
from servicekit.core.idempotency import Answer
from servicekit.web import answers

log = logging.getLogger("servicekit.web")

Describe = Callable[[Exception], dict[str, Any] | None]

MAX_ERRORS = 50
"""Errors told of one request: a small body can hold a hundred thousand, and nobody mends more at once."""
MAX_POINTER = 200
"""Characters of a pointer; a member's name may be as long as a body."""
MAX_METHOD = 20
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


class Problems:
    """Every refusal of one service: its own table, and what all services refuse."""

    def __init__(self, own: Describe) -> None:
        self._own = own

    def describe(self, error: Exception) -> dict[str, Any] | None:
        """The problem document of a refusal; None for what is none, so a bug."""
        return self._own(error) or _shared(error)

    def keepable(self, error: Exception) -> Answer | None:
        """The answer that a refusal is, for its Idempotency-Key; None for what may end otherwise the next time."""
        if isinstance(error, errors.StoreUnavailableError):
            return None
        body = self.describe(error)
        return None if body is None else answers.problem(body)

    def install(self, app: Flask) -> None:
        """Route every exception to its problem document."""
        app.register_error_handler(HTTPException, _http)
        app.register_error_handler(Exception, self._answer)

    def _answer(self, error: Exception) -> Response:
        if isinstance(error, errors.StoreUnavailableError):
            log.warning("database unavailable: %s", error.reason)
        body = self.describe(error)
        if body is None:
            log.exception("a bug answered %s %s", request.method, request.path, exc_info=error)
            body = problem(500, "internal", "the service failed; the log has the reason")
        return answers.respond(answers.problem(body))


def body_errors(error: ValidationError, model: type[BaseModel] = BaseModel) -> list[dict[str, str]]:
    """The first `MAX_ERRORS` that pydantic found, each with a JSON pointer (RFC 6901) into the body."""
    return [{"pointer": pointer(_place(found["loc"])), **_finding(found, model)} for found in _found(error)]


def query_errors(error: ValidationError, model: type[BaseModel]) -> list[dict[str, str]]:
    """What pydantic found in the query string, by parameter."""
    errors = []
    for found in _found(error):
        name = str(found["loc"][0])[:MAX_POINTER] if found["loc"] else ""
        more = {"detail": f"needs a key: {name}[KEY]=VALUE"} if found["type"] == "dict_type" else {}
        errors.append({"parameter": name, **_finding(found, model), **more})
    return errors


def pointer(path: tuple[int | str, ...]) -> str:
    """A JSON pointer from the steps of a path, cut at `MAX_POINTER`; what no text can hold in it is a question mark."""
    whole = "".join("/" + str(step)[:MAX_POINTER].replace("~", "~0").replace("/", "~1") for step in path)
    return whole[:MAX_POINTER].encode("utf-8", "replace").decode()


def _found(error: ValidationError) -> list[Any]:
    return error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]


def _place(steps: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Where in the body: what is wrong with a member's name is told at the member, for no pointer leads to a name."""
    return steps[:-1] if len(steps) > 2 and steps[-1] == "[key]" else steps


def _finding(found: Any, model: type[BaseModel]) -> dict[str, str]:
    detail = found["msg"].removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        known = ", ".join(sorted(model.model_fields)) if len(found["loc"]) == 1 else ""
        detail = "is not known here" + (f", but {known}" if known else "")
    return {"code": found["type"], "detail": detail}


def _shared(error: Exception) -> dict[str, Any] | None:
    match error:
        case RefusalError():
            return problem(error.status, error.code, error.detail, **error.extra)
        case errors.StaleVersionError():
            detail = (
                f'If-Match does not name what is there: its ETag is "{error.current}", quotes and all; read it again'
            )
            return problem(412, "stale_version", detail)
        case errors.KeyReusedError():
            return problem(422, "idempotency_key_reused", "the Idempotency-Key was used for another request")
        case errors.RequestRunningError():
            return problem(409, "request_running", "a request with this Idempotency-Key is still running: ask again")
        case errors.StoreUnavailableError():
            return problem(503, "database_unavailable", "the database cannot answer now: try again")
    return None


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    allowed = dict(error.get_headers()).get("Allow")
    match status:
        case 404:
            detail = "there is nothing at this path: /openapi.json tells of what there is"
        case 405:
            detail = f"{request.method[:MAX_METHOD]} means nothing here, but {allowed}"
        case _:
            detail = error.description or "cannot be answered"
    response = answers.respond(answers.problem(problem(status, _HTTP_CODES.get(status, "refused"), detail)))
    if allowed is not None:
        response.headers["Allow"] = allowed
    return response
