"""An identity provider that is not ours, found by discovery: oidc-provider-mock, which is Authlib in a server."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx

from gateway_harness.gateway_process import one_service, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BACK = "http://127.0.0.1:1/back"


@contextlib.contextmanager
def identity_provider() -> Iterator[str]:
    """Its URL, which is its name as an issuer as well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).status_code == 200
        return False

    try:
        eventually(answers, "the identity provider", 60)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def log_in(url: str, subject: str) -> str:
    """The signed token that a person gets who logs in as ``subject`` (OpenID Connect Core 1.0 section 3.1)."""
    with httpx.Client(trust_env=False, timeout=30) as client:
        asked = {"client_id": "app", "redirect_uri": BACK, "response_type": "code", "scope": "openid", "nonce": "n"}
        sent_back = client.post(f"{url}/oauth2/authorize", params=asked, data={"sub": subject})
        code = parse_qs(urlsplit(sent_back.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        answer = client.post(f"{url}/oauth2/token", data=form, auth=("app", "any"))
        answer.raise_for_status()
        return str(answer.json()["id_token"])


def telling(connection: OriginConnection) -> None:
    while True:
        connection.answer(200, connection.read_request().head)


def test_its_tokens_are_taken_by_discovery(tmp_path: Path) -> None:
    with identity_provider() as url, ScriptedOrigin(telling) as origin:
        route = f", filters: [{{authenticate: [{{jwt: {{issuer: '{url}', audience: app, client: sub}}}}]}}]"
        files = f"tokens: {{key_sets: {tmp_path / 'keys.json'}}}\n"
        with (
            running_gateway(tmp_path, files + one_service(origin.url, route=route)) as gateway,
            gateway.connect() as client,
        ):
            token = log_in(url, "ada@example.com")
            answer = client.request("GET", "/a", f"Authorization: Bearer {token}")
            assert answer.status == 200, (answer.body, gateway.stderr, gateway.log_lines())
            assert b"X-Client-Id: ada@example.com\r\n" in answer.body
            head, claims, signature = token.split(".")
            forged = f"{head}.{claims[:-4]}AAAA.{signature}"
            assert client.request("GET", "/a", f"Authorization: Bearer {forged}").status == 401
