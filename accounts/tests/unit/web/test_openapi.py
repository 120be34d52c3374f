"""The API description."""

from typing import Any

from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services
from accounts.web.app import create_app

NOT_OF_ADMINS = ("/openapi.json", "/metrics")
NAMES = {
    "/keys/{key}": "/keys/{key_id}",
    "/grants/{grant}": "/grants/{grant_id}",
    "/secrets/{secret}": "/secrets/{secret_id}",
    "/tokens/{token}": "/tokens/{token_id}",
}


def test_each_route_is_described_and_nothing_else(services: Services, client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    described = {
        (path, method.upper())
        for path, operations in document["paths"].items()
        for method in operations
        if method != "parameters"
    }
    routed = set()
    for rule in create_app(services).url_map.iter_rules():
        if rule.endpoint.startswith("pages."):  # for people, who need no description
            continue
        path = rule.rule.replace("<", "{").replace(">", "}")
        for inner, outer in NAMES.items():
            path = path.replace(inner, outer)
        kind = path.split("/")[2] if path.startswith("/v1/") else ""
        ident = {"clients": "{id}", "gateways": "{gateway_id}", "admins": "{admin_id}"}.get(kind, "")
        path = path.replace("{ident}", ident)
        if not path.startswith(("/internal/", "/oauth/", "/.well-known/")) and path not in NOT_OF_ADMINS:
            routed |= {(path, method) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert described == routed


def test_every_reference_resolves(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json

    def check(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                assert node["$ref"].rpartition("/")[2] in document["components"]["schemas"]
            for member in node.values():
                check(member)
        elif isinstance(node, list):
            for member in node:
                check(member)

    check(document)
    assert document["openapi"].startswith("3.1")
    assert document["paths"]["/v1/sign-in"]["post"]["security"] == []
    assert document["paths"]["/v1/clients"]["post"]["security"] == [{"admin": []}]
