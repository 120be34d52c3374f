"""`/openapi.json`: OpenAPI 3.1, generated from the models that validate."""

from typing import Any

from flask import Blueprint, Response
from pydantic.json_schema import models_json_schema

from invsys.bootstrap.wiring import Services
from invsys.domain.ids import ID_PATTERN
from invsys.web import schemas
from invsys.web.answers import encode

_REF = "#/components/schemas/{model}"
_IDENT: dict[str, Any] = {"type": "string", "pattern": ID_PATTERN}
_PROBLEMS = {
    400: "malformed: not JSON, an unknown parameter, a value out of range",
    404: "no such kind, resource or allocation",
    409: "in conflict with what is there",
    413: "the body is too large",
    415: "the body has another media type",
    422: "well-formed, but not acceptable; `errors` says where",
    503: "the database cannot answer now",
}


def build(services: Services) -> Blueprint:
    """The route of the API description."""
    routes = Blueprint("openapi", __name__)
    document = encode(describe(services))

    @routes.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(document, content_type="application/json")

    return routes


def describe(services: Services) -> dict[str, Any]:
    """The document as a dictionary."""
    models = (
        schemas.ResourceIn,
        schemas.ResourcePatch,
        schemas.ResourceOut,
        schemas.AllocationIn,
        schemas.AllocationOut,
        schemas.ProblemOut,
    )
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    plural = {"type": "string", "enum": [kind.plural for kind in services.kinds]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "invsys",
            "version": "1",
            "description": "Bookable resources and their allocations in time, never double-booked.",
        },
        "paths": _paths(plural),
        "components": {"schemas": definitions["$defs"]},
    }


def _paths(plural: dict[str, Any]) -> dict[str, Any]:
    kind = _path_parameter("kind", plural)
    resource = [kind, _path_parameter("id", _IDENT)]
    allocation = [*resource, _path_parameter("allocation_id", _IDENT)]
    merge = ("application/merge-patch+json", "application/json")
    return {
        "/api/{kind}": {
            "parameters": [kind],
            "post": _operation("create_resource", 201, "ResourceOut", _body("ResourceIn")),
            "get": _operation("list_resources", 200, "ResourceOut", parameters=_page_parameters(), paged=True),
        },
        "/api/{kind}/{id}": {
            "parameters": resource,
            "get": _operation("get_resource", 200, "ResourceOut"),
            "patch": _operation("patch_resource", 200, "ResourceOut", _body("ResourcePatch", merge)),
            "delete": _operation("delete_resource", 204, None),
        },
        "/api/{kind}/{id}/allocations": {
            "parameters": resource,
            "post": _operation("create_allocation", 201, "AllocationOut", _body("AllocationIn")),
            "get": _operation("list_allocations", 200, "AllocationOut", parameters=_page_parameters(), paged=True),
        },
        "/api/{kind}/{id}/allocations/{allocation_id}": {
            "parameters": allocation,
            "get": _operation("get_allocation", 200, "AllocationOut"),
            "delete": _operation("delete_allocation", 204, None),
        },
        "/healthz": {"get": _plain("healthz", "the process answers")},
        "/readyz": {"get": _plain("readyz", "the database answers and has the schema")},
    }


def _operation(
    name: str, status: int, model: str | None, body: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    paged = more.pop("paged", False)
    operation: dict[str, Any] = {"operationId": name, "summary": name.replace("_", " ").capitalize(), **more}
    if body is not None:
        operation["requestBody"] = body
    answer: dict[str, Any] = {"description": "done"}
    if model is not None:
        schema: dict[str, Any] = {"$ref": _REF.format(model=model)}
        if paged:
            cursor = {"type": ["string", "null"]}
            schema = {
                "type": "object",
                "required": ["items", "next_cursor"],
                "properties": {"items": {"type": "array", "items": schema}, "next_cursor": cursor},
            }
        answer["content"] = {"application/json": {"schema": schema}}
    operation["responses"] = {str(status): answer, **{str(code): _problem(text) for code, text in _PROBLEMS.items()}}
    return operation


def _problem(text: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model="ProblemOut")}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


def _plain(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": text, "content": content}, "503": {"description": "not", "content": content}}
    return {"operationId": name, "summary": text.capitalize(), "responses": responses}


def _body(model: str, media_types: tuple[str, ...] = ("application/json",)) -> dict[str, Any]:
    schema = {"schema": {"$ref": _REF.format(model=model)}}
    return {"required": True, "content": dict.fromkeys(media_types, schema)}


def _path_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _page_parameters() -> list[dict[str, Any]]:
    properties = schemas.PageQuery.model_json_schema()["properties"]
    return [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]
