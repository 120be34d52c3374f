"""What accounts refuses, as problem documents: the one table from its errors to status."""

import logging
from typing import Any

from flask import g

from accounts.domain import errors
from accounts.domain.ids import ADMIN, CLIENT, is_id
from servicekit.web.problems import Problems, problem

log = logging.getLogger("accounts.web")


def describe(error: Exception) -> dict[str, Any] | None:
    """The problem document of a refusal of accounts; None for what is none."""
    match error:
        case errors.InvalidValueError():
            found = {"pointer": f"/{error.field}", "code": error.code, "detail": error.detail}
            return problem(422, "validation_failed", f"{error.field}: {error.detail}", errors=[found])
        case errors.NotFoundError():
            code = "unknown" if error.what == "credential" else f"{error.what}_not_found"
            hint = (
                ": the API knows it by its id alone" if error.what in ("client", "admin") and not _is_id(error) else ""
            )
            return problem(404, code, f"there is no {error.what} {error.ident!r} here{hint}")
        case errors.DuplicateNameError():
            return problem(409, "duplicate_name", f"another {error.what} is named {error.name!r}: choose another name")
        case errors.StateConflictError():
            return problem(409, error.code, error.detail)
        case errors.NotAuthenticatedError():
            return problem(401, "credentials_invalid", "show a valid credential: Authorization: Bearer ...")
        case errors.TooManyAttemptsError():
            g.retry_after = error.seconds  # a header: see auth
            return problem(429, "too_many_attempts", f"too many wrong passwords: wait {error.seconds} s")
        case errors.FeedResetError():
            return problem(409, "epoch_changed", "this feed does not go on from there: take a new snapshot")
        case errors.PepperUnavailableError():
            log.error("%s", error.detail)
            return problem(503, "pepper_unavailable", "the service lacks its pepper file: an operator must restore it")
    return None


def _is_id(error: errors.NotFoundError) -> bool:
    return is_id(error.ident, CLIENT if error.what == "client" else ADMIN)


PROBLEMS = Problems(describe)
