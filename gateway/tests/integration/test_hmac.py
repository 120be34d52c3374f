"""Signed requests through a running gateway: by a stranger's signer, once in all workers, with the body that was
signed."""

from __future__ import annotations

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from gateway_harness.certificates import Authority, start_tls
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from gateway_harness.signing import PRIVATE_KEY, PUBLIC_PEM, SECRET_TEXT, signed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway_harness.raw_client import Response

URL = "http://any.test/a?b=1"
MIB = 1 << 20


def telling(connection: OriginConnection) -> None:
    """A service that answers with the head that it was sent, once it has all of the request."""
    while True:
        received = connection.read_request()
        connection.answer(200, received.head + received.body[:100])


@pytest.fixture
def origin() -> Iterator[ScriptedOrigin]:
    with ScriptedOrigin(telling) as origin:
        yield origin


def config(directory: Path, target: str, more: str = "") -> str:
    for name, text in (("partner.key", SECRET_TEXT), ("robot.pem", PUBLIC_PEM)):
        path = directory / name
        path.touch(0o600)
        path.write_text(text)
    keys = (
        "{partner: {client: acme, secret: '${file:partner.key}'}, robot: {client: r1, public_key: '${file:robot.pem}'}}"
    )
    filters = f", filters: [{{authenticate: [{{hmac: {{keys: {keys}{more}}}}}]}}]"
    return one_service(target, route=filters)


def ask(gateway: GatewayProcess, lines: list[str], method: str = "GET", body: bytes = b"", **more: Any) -> Response:
    with gateway.connect() as client:
        return client.request(method, more.get("target", "/a?b=1"), *lines, body=body)


def wait_served(gateway: GatewayProcess) -> None:
    """What was signed in the second that the gateway began in, nobody can judge."""
    eventually(lambda: ask(gateway, signed("GET", URL, nonce=str(time.monotonic()))).status == 200, "the first second")


@pytest.mark.parametrize("workers", [0, 2])
def test_who_signed_is_let_in_once(tmp_path: Path, origin: ScriptedOrigin, workers: int) -> None:
    with running_gateway(tmp_path, config(tmp_path, origin.url), workers=workers) as gateway:
        wait_served(gateway)
        for key, key_id, client in ((None, "partner", b"acme"), (PRIVATE_KEY, "robot", b"r1")):
            how: dict[str, Any] = {"key_id": key_id, **({} if key is None else {"key": key})}
            lines = signed("POST", URL, b"hello", **how)
            served = ask(gateway, lines, "POST", b"hello")
            assert served.status == 200
            assert b"X-Client-Id: " + client in served.body
            assert served.body.endswith(b"hello")
            assert b"signature" not in served.body.lower().replace(b"x-client", b"")
            for _ in range(10):
                again = ask(gateway, lines, "POST", b"hello")
                assert (again.status, again.code) == (401, "credentials_invalid")
                assert again.value("WWW-Authenticate") == "Signature"
        refused = gateway.wait_log(lambda each: each["reason"] == "signature_replayed", "the second time")
        assert refused["status"] == 401
        said = (tmp_path / "access.jsonl").read_text() + "".join(gateway.stderr)
        assert SECRET_TEXT[:16] not in said


def test_of_many_at_once_one_is_the_first(tmp_path: Path, origin: ScriptedOrigin) -> None:
    with running_gateway(tmp_path, config(tmp_path, origin.url), workers=2) as gateway:
        wait_served(gateway)
        for number in range(5):
            lines = signed("GET", URL, nonce=f"n{number}")
            with ThreadPoolExecutor(12) as pool:
                statuses = list(pool.map(lambda _, lines=lines: ask(gateway, lines).status, range(12)))  # type: ignore[misc]
            assert statuses.count(200) == 1, statuses
            assert set(statuses) <= {200, 401, 429}


def test_what_is_changed_on_the_way_is_not_let_through(tmp_path: Path, origin: ScriptedOrigin) -> None:
    with running_gateway(tmp_path, config(tmp_path, origin.url)) as gateway:
        wait_served(gateway)
        lines = signed("POST", URL, b"hello")
        served = len(origin.requests)
        assert ask(gateway, lines, "POST", b"hellO").status == 401
        assert ask(gateway, lines, "PUT", b"hello").status == 401
        assert ask(gateway, lines, "POST", b"hello", target="/a?b=2").status == 401
        assert ask(gateway, []).code == "credentials_missing"
        assert ask(gateway, signed("GET", URL, created=time.time() - 70)).status == 401
        assert len(origin.requests) == served, "the service has heard of none of them"
        for reason in ("content_digest", "signature_refused", "no_credential", "signature_created"):
            assert gateway.wait_log(lambda each, reason=reason: each["reason"] == reason, reason)["status"] == 401  # type: ignore[misc]


@pytest.mark.parametrize("framing", ["sized", "chunked"])
def test_a_service_never_has_all_of_a_large_body_that_is_another(tmp_path: Path, framing: str) -> None:
    wholes: list[bytes] = []

    def noting(connection: OriginConnection) -> None:
        while True:
            wholes.append(connection.read_request().body)
            connection.answer(200, b"")

    body = bytes(MIB)
    with ScriptedOrigin(noting) as origin, running_gateway(tmp_path, config(tmp_path, origin.url)) as gateway:
        wait_served(gateway)
        wholes.clear()
        for sent, status in ((body[:-1] + b"x", 401), (body, 200)):
            lines = signed("PUT", URL, body, nonce=str(status))
            if framing == "chunked":
                lines.append("Transfer-Encoding: chunked")
                sent = b"%x\r\n%b\r\n0\r\n\r\n" % (len(sent), sent)
            assert ask(gateway, lines, "PUT", sent).status == status
        assert wholes == [body]
        line = gateway.wait_log(lambda each: each["reason"] == "content_digest", "the other body")
        assert (line["status"], line["code"], line["bytes_in"]) == (401, "credentials_invalid", MIB)


def test_over_tls_the_target_is_https(tmp_path: Path, origin: ScriptedOrigin) -> None:
    ca = Authority(tmp_path)
    tls = f"{{{ca.issue('any.test').yaml}}}"
    with running_gateway(tmp_path, config(tmp_path, origin.url), tls) as gateway:

        def status(url: str) -> int:
            with gateway.connect() as client:
                start_tls(client, ca.trusting(), "any.test")
                return client.request("GET", "/a?b=1", *signed("GET", url, nonce=str(time.monotonic()))).status

        eventually(lambda: status(URL.replace("http:", "https:")) == 200, "the first second")
        assert status(URL) == 401


def test_behind_a_proxy_that_is_trusted_it_is_what_the_client_spoke(tmp_path: Path, origin: ScriptedOrigin) -> None:
    text = "trusted_proxies: [127.0.0.1]\n" + config(tmp_path, origin.url)
    with running_gateway(tmp_path, text) as gateway:
        wait_served(gateway)
        lines = [*signed("GET", URL.replace("http:", "https:")), "X-Forwarded-Proto: https"]
        assert ask(gateway, lines).status == 200


def test_another_key_is_taken_up(tmp_path: Path, origin: ScriptedOrigin) -> None:
    other = bytes(reversed(range(48)))
    with running_gateway(tmp_path, config(tmp_path, origin.url), workers=2) as gateway:
        wait_served(gateway)
        new = tmp_path / "partner.new"
        new.touch(0o600)
        new.write_text(base64.b64encode(other).decode())
        new.replace(tmp_path / "partner.key")

        def status(**how: Any) -> int:
            return ask(gateway, signed("GET", URL, nonce=str(time.monotonic()), **how)).status

        eventually(lambda: status(key=other) == 200, "the other key")
        eventually(lambda: status() in (401, 429), "the end of the first")
