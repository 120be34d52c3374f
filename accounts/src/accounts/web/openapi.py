"""`/openapi.json`: OpenAPI 3.1 of the API for admins, generated from the models that validate.

The feed for gateways is not in it: it has a document of its own, docs/accounts-feed.md.
"""

from typing import Any

from flask import Blueprint, Response

from accounts.bootstrap.wiring import Services
from accounts.domain.credentials import KEY_ID_PATTERN
from accounts.domain.ids import ID_TAIL
from accounts.domain.names import MAX_WORD, WORD_PATTERN
from accounts.web.auth import OPEN
from accounts.web.operations import CLIENTS, GATEWAYS, GRANTS, KEYS, OPERATIONS, PLANS, ROLES
from servicekit.web import openapi
from servicekit.web.answers import encode
from servicekit.web.shapes import ProblemOut

_IDENT = {"id": "cl", "grant_id": "gr", "admin_id": "ad"}
_KEY_IDENT = {"type": "string", "pattern": KEY_ID_PATTERN}
_ID = "$response.body#/id"
# From what an operation answers to what can be asked next: the paths that begin with one, and their parameters.
_LINKS = {
    CLIENTS: ("/v1/clients/{id}", {"id": _ID}),
    KEYS: ("/v1/clients/{id}/keys/{key_id}", {"id": "$request.path.id", "key_id": _ID}),
    GRANTS: ("/v1/clients/{id}/grants/{grant_id}", {"id": "$request.path.id", "grant_id": _ID}),
    ROLES: ("/v1/roles/{name}", {"name": "$response.body#/name"}),
    PLANS: ("/v1/plans/{name}", {"name": "$response.body#/name"}),
    GATEWAYS: ("/v1/gateways/{gateway_id}", {"gateway_id": _ID}),
}


def build(services: Services) -> Blueprint:
    """The route of the API description."""
    routes = Blueprint("openapi", __name__)

    @routes.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(encode(describe(services.settings.require_idempotency_key)), mimetype="application/json")

    return routes


def describe(needs_key: bool) -> dict[str, Any]:
    """The document."""
    idents = {name: {"type": "string", "pattern": f"^{prefix}_{ID_TAIL}$"} for name, prefix in _IDENT.items()}
    name = {"type": "string", "pattern": WORD_PATTERN, "minLength": 1, "maxLength": MAX_WORD}
    api = openapi.Api(
        title="accounts",
        description="Client accounts: who may call, with what, to do which.",
        operations=OPERATIONS,
        parameters={
            **{name: {"description": "an id", "schema": schema} for name, schema in idents.items()},
            "key_id": {"description": "the public id of a key", "schema": _KEY_IDENT},
            "secret_id": {"description": "the id of a secret", "schema": _KEY_IDENT},
            "gateway_id": {"description": "the id of a gateway", "schema": _KEY_IDENT},
            "token_id": {"description": "the id of a token", "schema": _KEY_IDENT},
            "name": {"description": "the name of a role or plan", "schema": name},
        },
        problem=ProblemOut,
        problems={**openapi.PROBLEMS, 401: "no valid credential", 429: "too many wrong passwords: see Retry-After"},
    )
    document = openapi.describe(api, needs_key)
    document["components"]["securitySchemes"] = {"admin": {"type": "http", "scheme": "bearer"}}
    for operation in OPERATIONS:
        described = document["paths"][operation.path][operation.method]
        described["security"] = [] if operation.path in OPEN else [{"admin": []}]
        if operation.method == "post" and operation.path in _LINKS:
            described["responses"][str(operation.status)]["links"] = _links(operation.path)
    return document


def _links(path: str) -> dict[str, Any]:
    below, parameters = _LINKS[path]
    return {
        following.name: {"operationId": following.name, "parameters": parameters}
        for following in OPERATIONS
        if following.path.startswith(below) and following.path.count("{") == below.count("{")
    }
