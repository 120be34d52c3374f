"""Who is let in, and to what: a running gateway with the feed of accounts behind it."""

from pathlib import Path
from typing import Any

import pytest

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.origin import ScriptedOrigin, telling
from gateway_harness.polling import eventually
from gateway_harness.raw_client import Response
from gateway_harness.replicas import TOKEN, api_key, client_record, public_id

KEY = api_key(public_id(1)).decode()
GRANTS = [
    {"resource": "inventory/cars/**", "actions": ["read"], "query": {"label": "fleet=acme"}},
    {"resource": "inventory/cars/7", "actions": ["read", "update"]},
]


def config(origin: str, feed: str, directory: Path) -> str:
    return (
        f"accounts: {{url: '{feed}', token: {TOKEN}, replica: {directory}/replica.sqlite}}\n"
        f"services: {{api: {{targets: ['{origin}']}}}}\n"
        "defaults: {filters: [authenticate, authorize]}\n"
        "routes:\n"
        "  - {name: vehicles, match: {path: '/api/{kind}/**'}, resource: 'inventory/{kind}/{id?}', service: api}\n"
        "  - {name: open, match: {path: /open}, service: api, filters: [{authenticate: {anonymous: allow}}]}\n"
    )


def ask(gateway: GatewayProcess, target: str, *lines: str, method: str = "GET") -> Response:
    with gateway.connect() as client:
        return client.request(method, target, *lines)


def client(**more: Any) -> dict[str, Any]:
    return {**client_record(1, grants=GRANTS), **more}


@pytest.mark.parametrize("workers", [0, 2])
def test_no_key_401_no_grant_403_the_right_key_200(tmp_path: Path, workers: int) -> None:
    with AccountsFeed() as feed, ScriptedOrigin(telling) as origin:
        feed.client(client())
        with running_gateway(tmp_path, config(origin.url, feed.url, tmp_path), workers=workers) as gateway:
            key = f"X-API-Key: {KEY}"
            eventually(lambda: ask(gateway, "/api/cars/7", key).status == 200, "the replica")
            nobody = ask(gateway, "/api/cars/7")
            assert (nobody.status, nobody.code) == (401, "credentials_missing")
            assert nobody.value("WWW-Authenticate") == "Bearer"
            wrong = ask(gateway, "/api/cars/7", f"X-API-Key: {KEY[:-1]}!")
            assert (wrong.status, wrong.code) == (401, "credentials_invalid")
            denied = ask(gateway, "/api/lorries/7", key)
            assert (denied.status, denied.code) == (403, "forbidden")
            listed = ask(
                gateway, "/api/cars?label=fleet%3Dother&limit=2", f"Authorization: Bearer {KEY}", "X-Client-Id: root"
            )
            head = listed.body.decode()
            assert head.startswith("GET /api/cars?limit=2&label=fleet%3Dacme HTTP/1.1\r\n")
            assert "\r\nX-Client-Id: c1\r\n" in head
            assert "root" not in head
            assert KEY not in head
            assert "X-Client-Id" not in ask(gateway, "/open").body.decode()
            assert ask(gateway, "/open", "X-API-Key: wrong").status == 401
            line = gateway.wait_log(lambda each: each["reason"] == "no_grant", "the refusal")
            assert (line["client"], line["status"], line["code"]) == ("c1", 403, "forbidden")


def test_what_accounts_changes_holds_on_connections_that_are_open(tmp_path: Path) -> None:
    with AccountsFeed() as feed, ScriptedOrigin(telling) as origin:
        feed.client(client())
        with running_gateway(tmp_path, config(origin.url, feed.url, tmp_path), workers=2) as gateway:
            key = f"X-API-Key: {KEY}"
            eventually(lambda: ask(gateway, "/api/cars/7", key).status == 200, "the replica")
            with gateway.connect() as open_connection:
                for record, status in (
                    (client(grants=[]), 403),
                    (client(), 200),
                    (client(status="suspended"), 401),
                    (client(roles=["reader"], grants=[]), 403),
                ):
                    feed.client(record)
                    eventually(
                        lambda status=status: open_connection.request("GET", "/api/cars/7", key).status == status,  # type: ignore[misc]
                        f"{status} after {record}",
                    )
                feed.put("role", "reader", {"name": "reader", "grants": GRANTS})
                eventually(lambda: open_connection.request("GET", "/api/cars/7", key).status == 200, "the role's grant")
                feed.client(client(keys=[]))
                eventually(
                    lambda: open_connection.request("GET", "/api/cars/7", key).status == 401, "the end of the key"
                )
