"""The admin API's description of itself, made of the table by which it serves."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response


class Endpoint(NamedTuple):
    """``method`` on ``path``: what it ``does``, who does it, the ``body`` that it takes (a msgspec Struct), the
    ``query`` parameters with their meaning, and what its ``statuses`` beside 200, 401 and 403 mean."""

    method: str
    path: str
    does: str
    handler: Callable[[Request], Awaitable[Response]]
    body: type[msgspec.Struct] | None = None
    query: Mapping[str, str] = {}
    statuses: Mapping[int, str] = {}


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "origin"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "origin": {"const": "gateway"},
    },
}


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """OpenAPI 3.1."""
    bodies = [each.body for each in endpoints if each.body is not None]
    _, schemas = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for each in endpoints:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Moongate admin API", "version": metadata.version("moongate")},
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    statuses = {401: "A token is needed.", 403: "The Host is no address of this machine.", **endpoint.statuses}
    refusal = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}{endpoint.path.replace('/', '_').replace('.', '_')}",
        "summary": endpoint.does,
        "responses": {
            "200": {"description": "As asked."},
            **{str(status): {"description": what, "content": refusal} for status, what in statuses.items()},
        },
    }
    if endpoint.query:
        operation["parameters"] = [
            {"name": name, "in": "query", "description": what, "schema": {"type": "string"}}
            for name, what in endpoint.query.items()
        ]
    if endpoint.body is not None:
        schema = {"$ref": f"#/components/schemas/{endpoint.body.__name__}"}
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return operation
