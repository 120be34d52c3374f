"""Policies in Cedar in a running gateway, with workers of its own, and other policies after a reload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway_harness.gateway_process import running_gateway
from gateway_harness.origin import ScriptedOrigin
from gateway_harness.polling import eventually

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """permit (
    principal == Anonymous::"anonymous", action == Action::"read", resource in Resource::"inventory/cars"
);"""


def test_policies_decide_and_change(tmp_path: Path) -> None:
    policies = tmp_path / "policies.cedar"
    policies.write_text(POLICY)
    policies.chmod(0o600)
    with ScriptedOrigin() as origin:
        config = (
            f"services: {{s: {{targets: ['{origin.url}']}}}}\n"
            "routes: [{name: r, match: {path: '/api/{kind}/**'}, service: s, resource: 'inventory/{kind}/{id?}', "
            f"filters: [{{authorize: {{cedar: {{policies: '${{file:{policies}}}'}}}}}}]}}]\n"
        )
        with running_gateway(tmp_path, config, workers=2) as gateway, gateway.connect() as client:
            assert client.request("GET", "/api/cars/7").status == 200
            refused = client.request("DELETE", "/api/cars/7")
            assert (refused.status, b"credentials_missing" in refused.body) == (401, True)
            assert client.request("GET", "/api/vans/7").status == 401
            policies.write_text(POLICY.replace("cars", "vans"))
            eventually(lambda: client.request("GET", "/api/vans/7").status == 200, "the new policies decide")
            assert client.request("GET", "/api/cars/7").status == 401
