"""`/openapi.json`: OpenAPI 3.1, generated from the models that validate."""

from typing import Any

from flask import Blueprint, Response

from invsys.bootstrap.wiring import Services
from invsys.domain.ids import ID_PATTERN
from invsys.web import schemas
from invsys.web.operations import ALLOCATION, KIND, MANY, ONE, OPERATIONS
from servicekit.web import openapi
from servicekit.web.answers import encode

_IDENT = {"type": "string", "pattern": ID_PATTERN}
# From what an operation answers to what can be asked next.
_RESOURCE_LINK = {"kind": "$request.path.kind", "id": "$response.body#/id"}
_ALLOCATION_LINK = {
    "kind": "$request.path.kind",
    "id": "$response.body#/resource_id",
    "allocation_id": "$response.body#/id",
}


def build(services: Services) -> Blueprint:
    """The route of the API description."""
    routes = Blueprint("openapi", __name__)

    @routes.get("/openapi.json")
    def openapi_json() -> Response:
        plurals = [kind.plural for kind in services.kinds.all()]
        return Response(
            encode(describe(plurals, services.settings.require_idempotency_key)), mimetype="application/json"
        )

    return routes


def describe(plurals: list[str], needs_key: bool) -> dict[str, Any]:
    """The document for an installation with these kinds."""
    kind = {"description": "the plural of a kind, such as cars", "schema": {"type": "string", "enum": plurals}}
    api = openapi.Api(
        title="invsys",
        description="Bookable resources and their allocations in time, never double-booked.",
        operations=OPERATIONS,
        parameters={
            "kind": kind,
            "id": {"description": "the id of a resource", "schema": _IDENT},
            "allocation_id": {"description": "the id of an allocation", "schema": _IDENT},
        },
        problem=schemas.ProblemOut,
        problems={**openapi.PROBLEMS, 404: "no such kind, resource or allocation"},
        models=(schemas.SegmentOut,),
    )
    document = openapi.describe(api, needs_key)
    for operation in OPERATIONS:
        responses = document["paths"][operation.path][operation.method]["responses"]
        if operation.name == "create_batch":
            responses["200"] = openapi.success(operation)
        if operation.path in (KIND, MANY) and operation.method == "post":
            responses[str(operation.status)]["links"] = _links(operation.path)
    return document


def _links(path: str) -> dict[str, Any]:
    below, parameters = (ONE, _RESOURCE_LINK) if path == KIND else (ALLOCATION, _ALLOCATION_LINK)
    return {
        following.name: {"operationId": following.name, "parameters": parameters}
        for following in OPERATIONS
        if following.path.startswith(below) and ("{allocation_id}" in following.path) == (below == ALLOCATION)
    }
