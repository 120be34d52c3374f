"""`/docs`: the API description as a page, made from the same table and models. It needs no script."""

import json
from typing import Any

from flask import Blueprint, Response, render_template

from invsys.bootstrap.wiring import Services
from invsys.web.openapi import describe


def build(services: Services) -> Blueprint:
    """The route of the documentation."""
    routes = Blueprint("docs", __name__, template_folder="templates")

    @routes.get("/docs")
    def docs() -> Response:
        plurals = [kind.plural for kind in services.kinds.all()]
        document = describe(plurals, services.settings.require_idempotency_key)
        operations = [
            {
                "method": method.upper(),
                "path": path,
                **operation,
                "body": _body(operation),
                "answer": _answer(operation),
            }
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if method != "parameters"
        ]
        schemas = {name: json.dumps(schema, indent=2) for name, schema in document["components"]["schemas"].items()}
        return Response(render_template("docs.html", info=document["info"], operations=operations, schemas=schemas))

    return routes


def _body(operation: dict[str, Any]) -> str | None:
    content = operation.get("requestBody", {}).get("content", {})
    return next((_name(media["schema"]) for media in content.values()), None)


def _answer(operation: dict[str, Any]) -> str | None:
    status, success = next(iter(operation["responses"].items()))
    schema = success.get("content", {}).get("application/json", {}).get("schema")
    return status if schema is None else f"{status} {_name(schema) or ''}".strip()


def _name(schema: dict[str, Any]) -> str | None:
    items = schema.get("properties", {}).get("items", {}).get("items", schema)
    reference = items.get("$ref")
    return None if reference is None else str(reference).rpartition("/")[2]
