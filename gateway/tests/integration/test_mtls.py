"""Certificates of clients through a running gateway: whose they are, and what does not carry over between listeners."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.certificates import Authority, Pair, start_tls
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import ScriptedOrigin, telling
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient, Response, TruncatedError
from gateway_harness.replicas import TOKEN, client_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPIFFE = "spiffe://acme.test/robot"


@pytest.fixture
def origin() -> Iterator[ScriptedOrigin]:
    with ScriptedOrigin(telling) as origin:
        yield origin


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def config(target: str, method: str) -> str:
    return one_service(target, route=f", filters: [{{authenticate: {{methods: [{method}]}}}}]")


def ask(gateway: GatewayProcess, ca: Authority, own: Pair | None, *lines: str) -> Response:
    with gateway.connect("a.test") as client:
        start_tls(client, ca.trusting(own), "a.test")
        return client.request("GET", "/a", *lines)


def test_a_table_says_whose_a_certificate_is(tmp_path: Path, origin: ScriptedOrigin, ca: Authority) -> None:
    tls = f"{{{ca.issue('a.test').yaml}, client_ca: {ca.pem}, client_certificate: optional}}"
    method = f"{{mtls: {{from: san_uri, clients: {{'{SPIFFE}': robot}}}}}}"
    with running_gateway(tmp_path, config(origin.url, method), tls) as gateway:
        served = ask(gateway, ca, ca.issue(SPIFFE, "b.test"), "X-Client-Cert: forged", "X-SSL-Client-Verify: SUCCESS")
        assert served.status == 200
        lines = served.body.split(b"\r\n")
        assert b"X-Client-Id: robot" in lines
        assert b"X-Client-Credential: mtls" in lines
        assert b"forged" not in served.body
        for own, code in ((None, "credentials_missing"), (ca.issue("spiffe://acme.test/other"), "credentials_invalid")):
            refused = ask(gateway, ca, own)
            assert (refused.status, refused.code, refused.value("WWW-Authenticate")) == (401, code, "Certificate")
        lie = ask(gateway, ca, None, f"X-Forwarded-Client-Cert: URI={SPIFFE}", "X-Client-Cert: x")
        assert lie.code == "credentials_missing"
        line = gateway.wait_log(lambda each: each["reason"] == "mtls_unknown", "the stranger")
        assert line["status"] == 401


def test_accounts_says_whose_a_certificate_is(tmp_path: Path, origin: ScriptedOrigin, ca: Authority) -> None:
    tls = f"{{{ca.issue('a.test').yaml}, client_ca: {ca.pem}}}"
    robot, other = ca.issue(subject="robot"), ca.issue(subject="other")
    with AccountsFeed() as feed:
        feed.client(client_record(1, certificates=[{"subject": "CN=robot,O=Tests"}]))
        accounts = f"accounts: {{url: '{feed.url}', token: {TOKEN}, replica: {tmp_path}/replica.sqlite}}\n"
        with running_gateway(tmp_path, accounts + config(origin.url, "mtls"), tls, workers=2) as gateway:
            eventually(lambda: ask(gateway, ca, robot).status == 200, "the replica")
            assert b"X-Client-Id: c1\r\n" in ask(gateway, ca, robot).body
            assert ask(gateway, ca, other).status == 401
            with gateway.connect("a.test") as client:
                start_tls(client, ca.trusting(robot), "a.test")
                assert client.request("GET", "/a").status == 200
                feed.client(client_record(1))
                eventually(lambda: client.request("GET", "/a").status == 401, "the end of it on an open connection")


class Visit(NamedTuple):
    response: Response
    session: ssl.SSLSession | None
    is_resumed: bool | None


def visit(address: tuple[str, int], context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> Visit:
    """A request on a connection that would resume ``session``."""
    with RawClient(address[1], "a.test", address=address[0]) as client:
        client.sock = sock = context.wrap_socket(client.sock, server_hostname="a.test", session=session)
        return Visit(client.request("GET", "/a"), sock.session, sock.session_reused)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_worth_on_each_listener_what_that_one_verified(
    tmp_path: Path, origin: ScriptedOrigin, ca: Authority, version: ssl.TLSVersion
) -> None:
    """A session of a listener that asked for no certificate is nobody's on one that does (nginx CVE-2025-23419)."""
    own = ca.issue("a.test").yaml
    asked = f"{own}, client_ca: {ca.pem}"
    tls = (
        f"{{{own}}}}}, {{bind: '127.0.0.2:0', tls: {{{asked}, client_certificate: optional}}}}, "
        f"{{bind: '127.0.0.3:0', tls: {{{asked}}}"
    )
    method = "{mtls: {clients: {'CN=robot,O=Tests': robot}}}"
    with running_gateway(tmp_path, config(origin.url, method), tls) as gateway:
        found = re.findall(r"https://(127\.0\.0\.\d):(\d+)", "".join(gateway.stderr))
        unasking, asking, demanding = ((host, int(port)) for host, port in found)
        robot, nobody = ca.trusting(ca.issue(subject="robot")), ca.trusting()
        robot.maximum_version = nobody.maximum_version = version

        known = visit(demanding, robot)
        again = visit(demanding, robot, known.session)
        assert (known.response.status, again.response.status) == (200, 200)
        assert again.is_resumed, "what was verified goes with its session"
        assert visit(unasking, robot, known.session).response.code == "credentials_missing"

        stranger = visit(unasking, nobody)
        assert stranger.response.code == "credentials_missing"
        assert visit(unasking, nobody, stranger.session).is_resumed
        elsewhere = visit(asking, nobody, stranger.session)
        assert elsewhere.response.code == "credentials_missing"
        assert not elsewhere.is_resumed
        with pytest.raises((OSError, TruncatedError)):
            visit(demanding, nobody, stranger.session)
