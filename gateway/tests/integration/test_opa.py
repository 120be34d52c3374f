"""A policy engine behind a running gateway.

No package brings Open Policy Agent's server, so one stands in that keeps to its REST API: POST /v1/data/PATH with an
input, 200 with a result, or without one where the document is undefined, 400 with a code for what is no JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway_harness.gateway_process import running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin, bound_socket, says
from gateway_harness.polling import eventually

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/v1/data/gateway/allow"


def config(service: str, opa: str, more: str = "") -> str:
    settings = f"{{service: opa, path: {PATH}, headers: X-Tenant{more}}}"
    return (
        f"services: {{origin: {{targets: ['{service}']}}, opa: {{targets: ['{opa}']}}}}\n"
        "routes: [{name: all, match: {path: '/{kind}/**'}, resource: 'inventory/{kind}/{id?}', service: origin, "
        f"filters: [{{authorize: {{opa: {settings}}}}}]}}]\n"
    )


def rule(asked: dict[str, Any]) -> object:
    """What a policy would say; None is undefined."""
    if asked["segments"][0] == "vans":
        return None
    if asked["action"] == "delete":
        return {"allow": False, "reasons": ["nothing is deleted"]}
    return asked["headers"].get("x-tenant") == "acme"


def agent(connection: OriginConnection) -> None:
    while True:
        request = connection.read_request()
        assert (request.method, request.target) == ("POST", PATH)
        assert request.value("Content-Type") == "application/json"
        try:
            asked = json.loads(request.body)["input"]
        except ValueError:
            connection.answer(400, b'{"code": "invalid_parameter", "message": "error(s) occurred"}')
            continue
        result = rule(asked)
        said = {"decision_id": "4ca636c1-55e4-417a-b1d8-4aceb67960d1", **({} if result is None else {"result": result})}
        connection.answer(200, json.dumps(said).encode() + b"\n", "Content-Type: application/json")


@pytest.mark.parametrize("workers", [0, 2])
def test_it_decides(tmp_path: Path, workers: int) -> None:
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(agent) as opa,
        running_gateway(tmp_path, config(origin.url, opa.url), workers=workers) as gateway,
        gateway.connect() as client,
    ):
        assert client.request("POST", "/cars/7?a=b", "X-Tenant: acme", body=b"not for policies").status == 200
        told = json.loads(opa.requests[0].body)["input"]
        assert (told["method"], told["path"], told["query"]) == ("POST", "/cars/7", {"a": ["b"]})
        assert (told["resource"], told["action"], told["host"]) == ("inventory/cars/7", "create", "any.test")
        for method, path, tenant in (
            ("GET", "/cars/7", "other"),
            ("DELETE", "/cars/7", "acme"),
            ("GET", "/vans/7", "acme"),
        ):
            refused = client.request(method, path, f"X-Tenant: {tenant}")
            assert (refused.status, refused.code) == (401, "credentials_missing"), "nobody was authenticated"
        assert len(origin.requests) == 1
        assert (len(opa.requests), opa.connections) == (4, 1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}", "opa_status_500"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<!DOCTYPE", "opa_bad_json"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" + b'{"result": true}', "opa_upstream_closed_early"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b'{"result": true}' + b" " * 50_000_000, "opa_answer_too_large"),
        (b"", "opa_upstream_closed"),
    ],
    ids=["500", "garbage", "half", "50 MB", "nothing"],
)
def test_what_is_no_decision_lets_nobody_through(tmp_path: Path, data: bytes, reason: str) -> None:
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(says(data)) as opa,
        running_gateway(tmp_path, config(origin.url, opa.url)) as gateway,
        gateway.connect() as client,
    ):
        answer = client.request("GET", "/cars/7", "X-Tenant: acme")
        assert (answer.status, answer.code) == (503, "dependency_unavailable")
        gateway.wait_log(lambda line: line["reason"] == reason, reason)
        assert origin.requests == []


def test_one_that_hangs_and_one_that_is_away(tmp_path: Path) -> None:
    def hangs(connection: OriginConnection) -> None:
        connection.read_request()
        connection.wait_gone()

    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(hangs) as opa,
        bound_socket() as closed,
        running_gateway(tmp_path, config(origin.url, opa.url, ", timeout: 100ms"), workers=1) as gateway,
        gateway.connect() as client,
    ):
        assert client.request("GET", "/cars/7", "X-Tenant: acme").status == 503
        gateway.wait_log(lambda line: line["reason"] == "opa_timeout", "the one that hangs")
        gateway.write_config(config(origin.url, f"http://127.0.0.1:{closed.getsockname()[1]}"))
        eventually(lambda: gateway.said("generation 2 is served"), "the reload")
        assert client.request("GET", "/cars/7", "X-Tenant: acme").status == 503
        gateway.wait_log(lambda line: line["reason"] == "opa_connect_econnrefused", "the one that is away")
        assert origin.requests == []
