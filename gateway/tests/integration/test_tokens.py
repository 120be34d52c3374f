"""Access tokens through a running gateway: issuers that behave, rotate, hang, lie, redirect, flood, and go away."""

from __future__ import annotations

import contextlib
import functools
import json
import threading
import time
from typing import TYPE_CHECKING

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import ScriptedOrigin, telling
from gateway_harness.polling import eventually
from gateway_harness.scripted_issuer import (
    KEYS,
    METADATA,
    ScriptedIssuer,
    answers,
    floods,
    hangs,
    redirects,
)
from gateway_harness.tokens import Signer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway_harness.raw_client import Response


def config(directory: Path, target: str, *issuers: ScriptedIssuer, more: str = "") -> str:
    jwt = ", ".join(f"{{jwt: {{issuer: '{issuer.url}', audience: api}}}}" for issuer in issuers)
    route = f", filters: [{{authenticate: {{methods: [{jwt}]{more}}}}}]"
    files = f"{{key_sets: {directory / 'var/keys.json'}, signing_keys: {directory / 'var/signing.json'}}}"
    return f"tokens: {files}\n{one_service(target, route=route)}"


@pytest.fixture
def origin() -> Iterator[ScriptedOrigin]:
    with ScriptedOrigin(telling) as origin:
        yield origin


@pytest.fixture
def issuer() -> Iterator[ScriptedIssuer]:
    with ScriptedIssuer() as issuer:
        yield issuer


def ask(gateway: GatewayProcess, token: bytes, target: str = "/a") -> Response:
    with gateway.connect() as client:
        return client.request("GET", target, f"Authorization: Bearer {token.decode()}")


def served(gateway: GatewayProcess, token: bytes, status: int = 200) -> None:
    """By every worker, once its keys are there: an issuer that failed again and again is asked again after ten seconds,
    and may take five more."""
    eventually(lambda: all(ask(gateway, token).status == status for _ in range(4)), f"{status} everywhere", 40)


def test_tokens_by_discovery(tmp_path: Path, origin: ScriptedOrigin, issuer: ScriptedIssuer) -> None:
    shown = {
        "jwt_signature": issuer.token(Signer(kid="k1")),
        "jwt_alg": issuer.token(header={"alg": "none"}),
        "jwt_kid": issuer.token(header={"kid": "other"}),
        "jwt_audience": issuer.token(aud="canary-audience"),
        "jwt_issuer": issuer.token(iss="https://canary.example"),
        "jwt_expired": issuer.token(exp=int(time.time()) - 61),
        "jwt_typ": issuer.token(header={"typ": "logout+jwt"}),
        "jwt_malformed": b"canary.opaque.token",
    }
    with running_gateway(tmp_path, config(tmp_path, origin.url, issuer), workers=2) as gateway:
        served(gateway, issuer.token())
        answer = ask(gateway, issuer.token(client_id="cl_7", scope="read write"))
        assert answer.status == 200
        lines = answer.body.split(b"\r\n")
        assert b"X-Client-Id: cl_7" in lines
        assert b"X-Client-Scopes: read write" in lines
        assert b"authorization" not in answer.body.lower(), "the service does not see the token"
        for reason, token in shown.items():
            refused = ask(gateway, token, f"/{reason}")
            assert (refused.status, refused.code) == (401, "credentials_invalid"), reason
            assert refused.value("WWW-Authenticate") == 'Bearer error="invalid_token"'
            assert token not in refused.body
            line = gateway.wait_log(lambda line, reason=reason: line["path"] == f"/{reason}", reason)  # type: ignore[misc]
            assert line["reason"] == reason
        with gateway.connect() as client:
            missing = client.request("GET", "/.well-known/moongate/jwks.json")
            assert missing.code == "credentials_missing", "where no token is signed nothing is reserved"
            assert missing.value("WWW-Authenticate") == "Bearer"
            assert client.request("GET", "/a", "Authorization: Bearer " + "e30." * 25_000).status == 431
        assert gateway.wait_log(lambda line: line["client"] == "cl_7", "the client")
        log = (tmp_path / "access.jsonl").read_text() + "".join(gateway.stderr)
        for token in (*shown.values(), issuer.token()):
            assert token.decode()[-20:] not in log
        assert "canary" not in log
    assert issuer.fetches() == 2, "one at the start, and one for a name that nobody has"
    assert (tmp_path / "var/keys.json").stat().st_mode & 0o777 == 0o600


def test_keys_change_under_load_and_names_that_nobody_has_cause_no_more_than_a_look(
    tmp_path: Path, origin: ScriptedOrigin, issuer: ScriptedIssuer
) -> None:
    with running_gateway(tmp_path, config(tmp_path, origin.url, issuer), workers=2) as gateway:
        served(gateway, issuer.token())
        is_over, statuses = threading.Event(), list[int]()

        def load() -> None:
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(gateway.connect()) for _ in range(4)]
                while not is_over.is_set():
                    for client in clients:
                        token = issuer.token(jti=str(len(statuses))).decode()
                        statuses.append(client.request("GET", "/a", f"Authorization: Bearer {token}").status)

        threads = [threading.Thread(target=load) for _ in range(2)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(statuses) > 100, "load")
        before = len(statuses)
        issuer.signers = [*issuer.signers, Signer(kid="k2")]  # unannounced, and used at once
        eventually(lambda: len(statuses) > before + 200, "more load")
        is_over.set()
        for thread in threads:
            thread.join()
        assert set(statuses) == {200}
        assert issuer.fetches() == 2

        strange = [issuer.token(header={"kid": f"random-{number}"}).decode() for number in range(400)]
        for _ in range(4):
            with gateway.connect() as client:
                for number, token in enumerate(strange):
                    client.send_request("GET", "/a", f"Authorization: Bearer {token}")
                    if number >= 50:  # so many at a time
                        assert client.read_response().status in (401, 429)
                assert {client.read_response().status for _ in range(50)} <= {401, 429}
        assert issuer.fetches() == 2
        served(gateway, issuer.token())


FAULTS = [
    (METADATA, hangs, "did not answer"),
    (KEYS, hangs, "did not answer"),
    (KEYS, floods, "with more than 256 KiB"),
    (KEYS, redirects("http://169.254.169.254/latest/meta-data"), "to another host"),
    (KEYS, answers(b"<html>"), "publishes keys that are none"),
    (METADATA, answers(b'{"issuer": "https://evil.example", "jwks_uri": "https://evil.example/k"}'), "says of itself"),
    (METADATA, answers(b"", 503), "answers 503"),
]


def test_issuers_that_hang_and_lie_are_nobody_s_fault_and_heard_when_they_mend(
    tmp_path: Path, origin: ScriptedOrigin
) -> None:
    with contextlib.ExitStack() as stack:
        issuers = [stack.enter_context(ScriptedIssuer()) for _ in FAULTS]
        for issuer, (path, fault, _) in zip(issuers, FAULTS, strict=True):
            issuer.faults[path] = fault
        gateway = stack.enter_context(running_gateway(tmp_path, config(tmp_path, origin.url, *issuers)))
        for issuer, (_, _, said) in zip(issuers, FAULTS, strict=True):
            before = time.monotonic()
            answer = ask(gateway, issuer.token())
            assert (answer.status, answer.code) == (503, "dependency_unavailable")
            assert answer.value("Retry-After") == "1"
            assert time.monotonic() - before < 2.5, "a request waits no longer than a second"
            eventually(functools.partial(_told, gateway, issuer, said), said)
        assert gateway.resident_bytes() < 150 * 1024 * 1024
        for issuer in issuers:
            issuer.faults.clear()
        for issuer in issuers:
            served(gateway, issuer.token())
            eventually(functools.partial(_told, gateway, issuer, "gives its keys again"), "it is told")


def _told(gateway: GatewayProcess, issuer: ScriptedIssuer, said: str) -> bool:
    return any(issuer.url in line and said in line for line in gateway.stderr)


def test_a_gateway_that_starts_while_its_issuer_is_down_serves(tmp_path: Path, origin: ScriptedOrigin) -> None:
    with ScriptedIssuer() as issuer:
        said = config(tmp_path, origin.url, issuer)
        with running_gateway(tmp_path, said) as gateway:
            served(gateway, issuer.token())
        good, strange = issuer.token(), issuer.token(header={"kid": "k2"})
    with running_gateway(tmp_path, said, workers=1) as gateway:
        assert ask(gateway, good).status == 200
        unknown = ask(gateway, strange)
        assert (unknown.status, unknown.code) == (503, "dependency_unavailable")
        eventually(lambda: gateway.said("its last keys are used meanwhile"), "it is told")
        with ScriptedIssuer("/tenant") as other:  # by a reload
            gateway.write_config(config(tmp_path, origin.url, other))
            eventually(lambda: gateway.said("generation 2 is served"), "the reload")
            served(gateway, other.token())
            assert ask(gateway, good).status == 401


def test_a_service_can_verify_who_calls(tmp_path: Path, origin: ScriptedOrigin, issuer: ScriptedIssuer) -> None:
    said = config(tmp_path, origin.url, issuer, more=", forward_identity: token")
    kids = []
    for workers in (0, 2):  # the same key after a restart
        with running_gateway(tmp_path, said, workers=workers) as gateway:
            served(gateway, issuer.token())
            shown = [ask(gateway, issuer.token(client_id="cl_7", jti=str(number))) for number in range(6)]
            with gateway.connect() as client:
                published = client.request("GET", "/.well-known/moongate/jwks.json")
                assert (published.status, published.value("Content-Type")) == (200, "application/jwk-set+json")
                assert b'"d"' not in published.body
                assert client.request("HEAD", "/.well-known/moongate/jwks.json").body == b""
                posted = client.request("POST", "/.well-known/moongate/jwks.json", body=b"x")
                assert (posted.status, posted.value("Allow")) == (405, "GET, HEAD")
            for each in shown:
                fields = dict(line.split(b": ", 1) for line in each.body.split(b"\r\n")[1:-2])
                assert b"X-Client-Id" not in fields
                keys = KeySet.import_key_set(json.loads(published.body))
                token = jwt.decode(fields[b"X-Client-Token"].decode(), keys)
                kids.append(token.header["kid"])
                assert (token.claims["sub"], token.claims["aud"], token.claims["iss"]) == ("cl_7", "origin", "moongate")
                assert token.claims["scope"] == "read write"
                assert token.claims["exp"] - token.claims["iat"] == 60
    assert len(set(kids)) == 1
    assert (tmp_path / "var/signing.json").stat().st_mode & 0o777 == 0o600
