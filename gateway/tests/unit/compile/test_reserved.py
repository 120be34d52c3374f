"""What no route is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway_harness.gateway_process import one_service
from moongate.compile.compiler import compile_config
from moongate.compile.difference import outcome
from moongate.compile.explanation import explain
from moongate.compile.offline import Request, decide
from moongate.compile.reserved import JWKS_PATH, reserved_paths
from moongate.config import parse

if TYPE_CHECKING:
    from moongate.compile.snapshot import Snapshot

OIDC = "{oidc: {issuer: 'https://id.example.com', client_id: app, client_secret: hush, logout: /bye}}"


def snapshot(filters: str = "") -> Snapshot:
    route = f", filters: [{filters}]" if filters else ""
    return compile_config(parse(f"version: 1\n{one_service('http://127.0.0.1:1', route=route)}", "f.yaml"), 1)


def test_nothing_is_where_nobody_logs_in_and_nothing_is_signed() -> None:
    assert reserved_paths(snapshot()) == {}


def test_a_path_of_the_gateways_own_is_said_to_be_that() -> None:
    logins = snapshot(f"{{authenticate: {{methods: [{OIDC}], forward_identity: token}}}}")
    assert set(reserved_paths(logins)) == {JWKS_PATH, "/oidc/callback", "/bye"}
    decision = decide(logins, Request("GET", "/oidc/callback?code=1"))
    assert (decision.route, decision.failure) == (None, None)
    assert decision.itself == "where logins at https://id.example.com end"
    assert outcome(decision) == "the gateway itself, where logins at https://id.example.com end"
    explained = explain(logins, Request("GET", "/bye"))
    assert explained["itself"] == "where sessions of https://id.example.com end"
    assert (explained["route"], explained["considered"]) == (None, [])
    assert explain(logins, Request("GET", "/by"))["route"] == "all"
