"""The API description."""

from typing import Any

from flask.testing import FlaskClient

from invsys.bootstrap.wiring import Services
from invsys.web.app import create_app

FOR_PEOPLE_AND_MACHINES = ("/", "/style.css", "/docs", "/openapi.json", "/metrics")


def test_each_route_is_described_and_nothing_else(services: Services, client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    described = {
        (path, method.upper())
        for path, operations in document["paths"].items()
        for method in operations
        if method != "parameters"
    }
    names = {"plural": "kind", "ident": "id"}
    routed = set()
    for rule in create_app(services).url_map.iter_rules():
        path = rule.rule.replace("<", "{").replace(">", "}")
        for inner, outer in names.items():
            path = path.replace(f"{{{inner}}}", f"{{{outer}}}")
        routed |= {(path, method) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert described == routed - {(path, "GET") for path in FOR_PEOPLE_AND_MACHINES}


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
    assert document["components"]["schemas"]["ResourceIn"]["properties"]["name"]["maxLength"] == 200
