"""Tokens that say nothing themselves, behind a running gateway; their maker hangs, lies, floods and goes away."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from gateway_harness.authlib_endpoint import CLIENT, ODD_SECRET, PLAIN_SECRET, authlib_endpoint
from gateway_harness.gateway_process import running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin, bound_socket, says, telling
from gateway_harness.polling import eventually
from gateway_harness.scripted_issuer import ScriptedIssuer

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = "path: /introspect, client_id: gateway, client_secret: s3cr3t"


def config(service: str, maker: str, settings: str = SETTINGS, first: str = "") -> str:
    return (
        f"services: {{origin: {{targets: ['{service}']}}, idp: {{targets: ['{maker}']}}}}\n"
        "routes: [{name: all, match: {path: /**}, service: origin, "
        f"filters: [{{authenticate: [{first}{{introspection: {{service: idp, {settings}}}}}]}}]}}]\n"
    )


def knowing(connection: OriginConnection) -> None:
    """An endpoint that knows the token ``good``."""
    while True:
        request = connection.read_request()
        assert request.value("Authorization") == "Basic " + b64encode(b"gateway:s3cr3t").decode()
        (token,) = parse_qs(request.body.decode())["token"]
        told = {"active": True, "client_id": "ada", "scope": "read"} if token == "good" else {"active": False}
        connection.answer(200, json.dumps(told).encode(), "Content-Type: application/json")


@pytest.mark.parametrize("workers", [0, 2])
def test_who_calls(tmp_path: Path, workers: int) -> None:
    with (
        ScriptedOrigin(telling) as origin,
        ScriptedOrigin(knowing) as maker,
        running_gateway(tmp_path, config(origin.url, maker.url), workers=workers) as gateway,
        gateway.connect() as client,
    ):
        for _ in range(3):
            answer = client.request("GET", "/a", "Authorization: Bearer good")
            assert answer.status == 200
            assert (
                b"\r\nX-Client-Id: ada\r\nX-Client-Credential: introspection\r\nX-Client-Scopes: read\r\n"
                in answer.body
            )
            assert b"good" not in answer.body
        assert len(maker.requests) == 1
        for _ in range(2):
            refused = client.request("GET", "/a", "Authorization: Bearer bad")
            assert (refused.status, refused.code) == (401, "credentials_invalid")
            assert refused.value("WWW-Authenticate") == 'Bearer error="invalid_token"'
        assert len(maker.requests) == 2
        for odd in ("a,b", "x" * 7000 + ","):
            assert client.request("GET", "/a", f"Authorization: Bearer {odd}").status == 401
        missing = client.request("GET", "/a")
        assert (missing.status, missing.code, missing.value("WWW-Authenticate")) == (
            401,
            "credentials_missing",
            "Bearer",
        )
        assert (len(maker.requests), len(origin.requests)) == (2, 3)
    assert not any("s3cr3t" in line or "good" in line for line in (*gateway.stderr, *map(str, gateway.log_lines())))


GARBAGE = {
    "5xx": (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", "status_500"),
    "not our credential": (b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}", "status_401"),
    "no JSON": (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "bad_json"),
    "no answer": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "bad_document"),
    "half an answer": (b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"active": true', "upstream_closed_early"),
    "50 MB": (b'HTTP/1.1 200 OK\r\n\r\n{"active": true, "client_id": "ada"}' + b" " * 50_000_000, "answer_too_large"),
    "nothing": (b"", "upstream_closed"),
}


@pytest.mark.parametrize(("data", "reason"), GARBAGE.values(), ids=GARBAGE)
def test_no_answer_is_neither_yes_nor_no(tmp_path: Path, data: bytes, reason: str) -> None:
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(says(data)) as maker,
        running_gateway(tmp_path, config(origin.url, maker.url)) as gateway,
        gateway.connect() as client,
    ):
        answer = client.request("GET", "/a", "Authorization: Bearer good")
        assert (answer.status, answer.code, answer.value("Retry-After")) == (503, "dependency_unavailable", "1")
        gateway.wait_log(lambda line: line["reason"] == f"introspection_{reason}", reason)
        assert origin.requests == []


def test_one_that_hangs_and_one_that_is_away_and_comes_back(tmp_path: Path) -> None:
    def hangs(connection: OriginConnection) -> None:
        connection.read_request()
        connection.wait_gone()

    sock = bound_socket()
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(hangs) as maker,
        running_gateway(tmp_path, config(origin.url, maker.url, SETTINGS + ", timeout: 100ms"), workers=1) as gateway,
        gateway.connect() as client,
    ):
        assert client.request("GET", "/a", "Authorization: Bearer good").status == 503
        gateway.write_config(config(origin.url, f"http://127.0.0.1:{sock.getsockname()[1]}"))
        eventually(lambda: gateway.said("generation 2 is served"), "the reload")
        assert client.request("GET", "/a", "Authorization: Bearer good").status == 503
        with ScriptedOrigin(knowing, sock=sock):
            assert client.request("GET", "/a", "Authorization: Bearer good").status == 200
    assert {line["reason"] for line in gateway.log_lines()} == {
        "introspection_timeout",
        "introspection_connect_econnrefused",
        None,
    }


def test_many_who_show_a_new_token_at_a_time_cost_one_question(tmp_path: Path) -> None:
    everybody = threading.Barrier(9)

    def slow(connection: OriginConnection) -> None:
        request = connection.read_request()
        if len(maker.requests) == 1:
            everybody.wait(30)
        told = {"active": True, "client_id": "ada"}
        connection.answer(200, json.dumps(told).encode())
        assert b"good" in request.body

    with (
        ScriptedOrigin(telling) as origin,
        ScriptedOrigin(slow) as maker,
        running_gateway(tmp_path, config(origin.url, maker.url, SETTINGS + ", timeout: 30s")) as gateway,
    ):
        statuses: list[int] = []

        def ask() -> None:
            with gateway.connect() as client:
                client.send(b"GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n")
                everybody.wait(30)  # all of them have asked before there is an answer
                statuses.append(client.read_response().status)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert statuses == [200] * 8
        assert len(maker.requests) == 1


def test_beside_tokens_of_an_issuer(tmp_path: Path) -> None:
    """What the issuer signed is judged here and shown to nobody, good or bad; what it did not is asked about."""
    with (
        ScriptedOrigin(telling) as origin,
        ScriptedOrigin(knowing) as maker,
        ScriptedIssuer() as issuer,
        running_gateway(
            tmp_path,
            f"tokens: {{key_sets: {tmp_path / 'keys.json'}}}\n"
            + config(origin.url, maker.url, first=f"{{jwt: {{issuer: '{issuer.url}', audience: api}}}}, "),
        ) as gateway,
        gateway.connect() as client,
    ):
        token = issuer.token(aud="api", client_id="bob").decode()
        signed = client.request("GET", "/a", f"Authorization: Bearer {token}")
        assert (signed.status, b"X-Client-Id: bob\r\n" in signed.body) == (200, True), gateway.log_lines()
        expired = issuer.token(aud="api", client_id="bob", exp=1).decode()
        assert client.request("GET", "/a", f"Authorization: Bearer {expired}").status == 401
        assert maker.requests == []
        opaque = client.request("GET", "/a", "Authorization: Bearer good")
        assert (opaque.status, b"X-Client-Id: ada\r\n" in opaque.body) == (200, True)
        assert client.request("GET", "/a", "Authorization: Bearer bad").status == 401
        assert len(maker.requests) == 2


@pytest.mark.parametrize(
    ("secret", "method"), [(PLAIN_SECRET, "client_secret_basic"), (ODD_SECRET, "client_secret_post")]
)
def test_an_endpoint_that_is_not_ours(tmp_path: Path, secret: str, method: str) -> None:
    asker = f"client_id: {CLIENT}, client_secret: '{secret}', auth_method: {method}"
    with authlib_endpoint() as url, ScriptedOrigin(telling) as origin:
        right = config(origin.url, url, f"path: /introspect, {asker}, client: username")
        with running_gateway(tmp_path, right, workers=1) as gateway, gateway.connect() as client:
            answer = client.request("GET", "/a", "Authorization: Bearer good")
            assert (answer.status, b"X-Client-Id: ada\r\n" in answer.body) == (200, True), gateway.log_lines()
            assert client.request("GET", "/a", "Authorization: Bearer bad").status == 401
            gateway.write_config(right.replace(secret, "another").replace("client: username", "client: sub"))
            eventually(lambda: gateway.said("generation 2 is served"), "the reload")
            assert client.request("GET", "/a", "Authorization: Bearer good").status == 503, (
                "it is not the client's fault"
            )
