"""What the inventory refuses, as problem documents: the one table from its errors to status."""

from typing import Any

from invsys.domain import errors
from invsys.service.snapshots import allocation_snapshot
from servicekit.web.problems import Problems, problem


def describe(error: Exception) -> dict[str, Any] | None:
    """The problem document of a refusal of the inventory; None for what is none."""
    match error:
        case errors.InvalidValueError():
            found = {"pointer": f"/{error.field}", "code": error.code, "detail": error.detail}
            return problem(422, "validation_failed", f"{error.field}: {error.detail}", errors=[found])
        case errors.NotFoundError():
            hint = ": /api/kinds has the plurals there are" if error.what == "kind" else ""
            return problem(404, f"{error.what}_not_found", f"there is no {error.what} {error.ident!r} here{hint}")
        case errors.DuplicateNameError():
            return problem(409, "duplicate_name", f"another {error.kind} is named {error.name!r}: choose another name")
        case errors.AllocationConflictError():
            existing = allocation_snapshot(error.existing)
            return problem(409, error.code, error.detail, conflicting_allocation=existing)
        case errors.StateConflictError():
            return problem(409, error.code, error.detail)
        case errors.BatchItemError():
            return _in_batch(error)
    return None


def _in_batch(error: errors.BatchItemError) -> dict[str, Any] | None:
    body = describe(error.cause)
    if body is None:
        return None
    where = f"/items/{error.index}"
    inner = body.get("errors") or [{"pointer": "", "code": body["code"], "detail": body["detail"]}]
    found = [{**one, "pointer": where + one["pointer"]} for one in inner]
    return {**body, "detail": f"item {error.index}: {body['detail']}", "errors": found}


PROBLEMS = Problems(describe)
