"""`/openapi.json`: OpenAPI 3.1, generated from the models that validate."""

from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from invsys.bootstrap.wiring import Services
from invsys.domain.ids import ID_PATTERN
from invsys.web import schemas
from invsys.web.answers import encode
from invsys.web.operations import ALLOCATION, KIND, MANY, ONE, OPERATIONS, Operation

_REF = "#/components/schemas/{model}"
_IDENT: dict[str, Any] = {"type": "string", "pattern": ID_PATTERN}
_ETAG = {"ETag": {"description": "the version, for If-Match", "schema": {"type": "string"}}}
_PROBLEMS = {
    400: "malformed: not JSON, an unknown parameter, a value out of range, a header that is missing or wrong",
    404: "no such kind, resource or allocation",
    409: "in conflict with what is there",
    412: "it has changed since the version in If-Match",
    413: "the body is too large",
    415: "the body has another media type",
    422: "well-formed, but not acceptable; `errors` says where",
    428: "If-Match is missing",
    503: "the database cannot answer now",
}
_PATHS = {
    "kind": "the plural of a kind, such as cars",
    "id": "the id of a resource",
    "allocation_id": "the id of an allocation",
}
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
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        path = paths.setdefault(operation.path, {"parameters": _path_parameters(operation.path, plurals)})
        path[operation.method] = _operation(operation, needs_key)
    for name, text in (("healthz", "The process answers"), ("readyz", "The database answers and has the schema")):
        paths[f"/{name}"] = {"get": _health(name, text)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "invsys",
            "version": "1",
            "description": "Bookable resources and their allocations in time, never double-booked.",
        },
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _schemas() -> dict[str, Any]:
    models: dict[type[BaseModel], None] = {schemas.ProblemOut: None, schemas.SegmentOut: None}
    for operation in OPERATIONS:
        models |= {model: None for model in (operation.answer, operation.body) if model is not None}
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    found: dict[str, Any] = definitions["$defs"]
    for name in ("ResourcePatch", "AllocationPatch"):
        for member in found[name]["properties"].values():
            member.pop("default", None)  # what is absent from a patch stays as it is: it has no default
    return found


def _operation(operation: Operation, needs_key: bool) -> dict[str, Any]:
    parameters = _query_parameters(operation.query) + _header_parameters(operation, needs_key)
    document: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
    if parameters:
        document["parameters"] = parameters
    if operation.body is not None:
        schema = {"schema": {"$ref": _REF.format(model=operation.body.__name__)}}
        document["requestBody"] = {"required": True, "content": dict.fromkeys(operation.media_types, schema)}
    document["responses"] = {
        str(operation.status): _success(operation),
        **{str(code): _problem(text) for code, text in _PROBLEMS.items()},
    }
    if operation.name == "create_batch":
        document["responses"]["200"] = _success(operation)
    return document


def _success(operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.summary}
    if operation.answer is None:
        return answer
    schema: dict[str, Any] = {"$ref": _REF.format(model=operation.answer.__name__)}
    if operation.paged:
        schema = {
            "type": "object",
            "required": ["items", "next_cursor"],
            "properties": {"items": {"type": "array", "items": schema}, "next_cursor": {"type": ["string", "null"]}},
        }
    elif operation.answer in (schemas.ResourceOut, schemas.AllocationOut):
        answer["headers"] = _ETAG
    answer["content"] = {"application/json": {"schema": schema}}
    if operation.path in (KIND, MANY) and operation.method == "post":
        answer["links"] = _links(operation.path)
    return answer


def _links(path: str) -> dict[str, Any]:
    below, parameters = (ONE, _RESOURCE_LINK) if path == KIND else (ALLOCATION, _ALLOCATION_LINK)
    return {
        following.name: {"operationId": following.name, "parameters": parameters}
        for following in OPERATIONS
        if following.path.startswith(below) and ("{allocation_id}" in following.path) == (below == ALLOCATION)
    }


def _problem(text: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model="ProblemOut")}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


def _health(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": text, "content": content}, "503": {"description": "No", "content": content}}
    return {"operationId": name, "summary": text, "responses": responses}


def _path_parameters(path: str, plurals: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": text,
            "schema": {"type": "string", "enum": plurals} if name == "kind" else _IDENT,
        }
        for name, text in _PATHS.items()
        if f"{{{name}}}" in path
    ]


def _header_parameters(operation: Operation, needs_key: bool) -> list[dict[str, Any]]:
    found = []
    if operation.key is not None:
        schema = {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"}
        text = "a fresh value for each request, the same one when it is sent again"
        found.append(_header("Idempotency-Key", operation.key and needs_key, text, schema))
    if operation.match is not None:
        schema = {"type": "string", "pattern": '^("[0-9]{1,15}"|\\*)$'}
        found.append(_header("If-Match", operation.match, "the ETag decided on, or *", schema))
    return found


def _header(name: str, required: bool, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": text, "schema": schema}


def _query_parameters(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    found = []
    for name, schema in model.model_json_schema()["properties"].items():
        # In a query string what is absent is left out: there is no null.
        choices = [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]
        if choices:
            schema.pop("default", None)
            schema.update(choices[0])
        parameter = {"name": name, "in": "query", "required": False, "schema": schema}
        if schema.get("type") == "object":
            parameter |= {"style": "deepObject", "explode": True}
        found.append(parameter)
    return found
