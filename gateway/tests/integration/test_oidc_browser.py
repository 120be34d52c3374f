"""A login as a person sees it, in a real browser where there is one: which cookies go where is for that to say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.identity_provider import identity_provider
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from servicekit.testing.browser import CHROMIUM, Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = "document.body.innerText"
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
PAGE = """<!doctype html><title>Orders</title><h1>Orders of {client}</h1><pre>{head}</pre>
<a href="/oidc/logout">Leave</a><form method="post" action="/orders"><button>Order</button></form>"""
ELSEWHERE = """<!doctype html><title>Elsewhere</title><img src="http://localhost:{port}/oidc/logout">
<a href="http://localhost:{port}/oidc/logout">A trap</a>
<form method="post" action="http://localhost:{port}/orders"><button>Another trap</button></form>"""


def site(connection: OriginConnection) -> None:
    """A service with pages; the one at /elsewhere?PORT would like to act in the name of who looks at it."""
    while True:
        request = connection.read_request()
        path, _, port = request.target.partition("?")
        head = request.head.decode()
        client = re.search(r"X-Client-Id: (\S+)", head)
        if path == "/elsewhere":
            page = ELSEWHERE.format(port=port)
        else:
            page = PAGE.format(client=client[1] if client else "nobody", head=head)
        connection.answer(200, page.encode(), "Content-Type: text/html")


@pytest.fixture(scope="module")
def origin() -> Iterator[ScriptedOrigin]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with ScriptedOrigin(site) as origin:
        yield origin


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with identity_provider() as url:
        yield url


@pytest.fixture
def gateway(origin: ScriptedOrigin, provider: str, tmp_path: Path) -> Iterator[GatewayProcess]:
    oidc = f"{{issuer: '{provider}', client_id: app, client_secret: hush, after_logout: /bye}}"
    text = (
        f"tokens: {{key_sets: {tmp_path}/keys.json, session_keys: {tmp_path}/sessions.json}}\n"
        f"filters: {{people: {{authenticate: [{{oidc: {oidc}}}]}}}}\n"
        f"services: {{site: {{targets: ['{origin.url}']}}}}\n"
        "routes:\n"
        "  - {name: bye, match: {path: /bye}, service: site}\n"
        "  - {name: site, match: {path: /**}, service: site, filters: [people]}\n"
    )
    with running_gateway(tmp_path, text) as gateway:
        yield gateway


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_a_person_logs_in_and_out(gateway: GatewayProcess, tmp_path: Path, width: int) -> None:
    base = f"http://localhost:{gateway.port}"
    with Browser(tmp_path / "profile") as browser:
        browser.size(width, 800)

        def is_sent() -> bool:
            browser.open(f"{base}/orders?year=2026")
            return "Authorize Client" in str(browser.evaluate(BODY))

        eventually(is_sent, "the provider's page")
        browser.click("button", "Deny")  # this provider forgets the state, which RFC 6749 section 4.1.2.1 forbids
        assert "not begun here" in browser.evaluate(BODY)
        assert browser.evaluate(TOO_WIDE) <= 0
        (tmp_path / "refused.png").write_bytes(browser.picture())

        browser.open(f"{base}/orders?year=2026")
        browser.click("input[name=sub]", leads_on=False)
        browser.write("ada@example.com")
        browser.click("button", "Authorize")
        assert browser.evaluate("location.href") == f"{base}/orders?year=2026"
        said = browser.evaluate(BODY)
        assert "Orders of ada@example.com" in said
        assert "moongate-" not in said, "the service sees no session"
        assert browser.evaluate("document.cookie") == "", "nor does a script"
        browser.click("button", "Order")
        assert "Orders of ada@example.com" in browser.evaluate(BODY)

        browser.click("a", "Leave")
        assert browser.evaluate("document.title") != "Log out?", "a link of the same origin needs no question"
        browser.click("button", "End session")
        assert browser.evaluate("location.href") == f"{base}/bye"
        assert "Orders of nobody" in browser.evaluate(BODY)
        browser.open(f"{base}/orders")
        assert "Authorize Client" in browser.evaluate(BODY)


@pytest.mark.slow
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_no_other_site_acts_for_a_person(
    gateway: GatewayProcess, origin: ScriptedOrigin, tmp_path: Path, host: str
) -> None:
    """One of another port is of the same site, and is sent the cookie along with its requests; one of another host is
    not."""
    base, port = f"http://localhost:{gateway.port}", origin.url.rpartition(":")[2]
    trap = f"http://{host}:{port}/elsewhere?{gateway.port}"
    with Browser(tmp_path / "profile") as browser:
        eventually(lambda: browser.open(f"{base}/") or "Authorize" in str(browser.evaluate(BODY)), "the provider")
        browser.click("input[name=sub]", leads_on=False)
        browser.write("ada@example.com")
        browser.click("button", "Authorize")
        before = len(origin.requests)
        browser.open(trap)
        browser.click("button", "Another trap")
        status = 403 if host == "localhost" else 401
        assert f'"status":{status}' in browser.evaluate(BODY)
        assert not [request for request in origin.requests[before:] if request.method == "POST"]
        browser.open(trap)
        browser.click("a", "A trap")
        assert browser.evaluate("document.title") == "Log out?"
        (tmp_path / "question.png").write_bytes(browser.picture())
        browser.open(f"{base}/")
        assert "Orders of ada@example.com" in browser.evaluate(BODY), "she is who she was"
        browser.open(trap)
        browser.click("a", "A trap")
        browser.click("button", "Log out")
        assert "End Session" in browser.evaluate(BODY)
