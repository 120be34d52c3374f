"""An identity provider that is not ours, found by discovery: oidc-provider-mock, which is Authlib in a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway_harness.gateway_process import one_service, running_gateway
from gateway_harness.identity_provider import id_token_for, identity_provider
from gateway_harness.origin import ScriptedOrigin, telling

if TYPE_CHECKING:
    from pathlib import Path


def test_its_tokens_are_taken_by_discovery(tmp_path: Path) -> None:
    with identity_provider() as url, ScriptedOrigin(telling) as origin:
        route = f", filters: [{{authenticate: [{{jwt: {{issuer: '{url}', audience: app, client: sub}}}}]}}]"
        files = f"tokens: {{key_sets: {tmp_path / 'keys.json'}}}\n"
        with (
            running_gateway(tmp_path, files + one_service(origin.url, route=route)) as gateway,
            gateway.connect() as client,
        ):
            token = id_token_for(url, "ada@example.com")
            answer = client.request("GET", "/a", f"Authorization: Bearer {token}")
            assert answer.status == 200, (answer.body, gateway.stderr, gateway.log_lines())
            assert b"X-Client-Id: ada@example.com\r\n" in answer.body
            head, claims, signature = token.split(".")
            forged = f"{head}.{claims[:-4]}AAAA.{signature}"
            assert client.request("GET", "/a", f"Authorization: Bearer {forged}").status == 401
