"""People who log in at a provider that is not ours, oidc-provider-mock: from the first page to the last, and all the
ways in which that can go wrong."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.certificates import Authority
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.identity_provider import NAVIGATION, Person, id_token_for, identity_provider
from gateway_harness.origin import ScriptedOrigin, telling
from gateway_harness.polling import eventually
from gateway_harness.replicas import TOKEN, client_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "canary-of-the-client"
ADA = "ada@example.com"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with identity_provider() as url:
        yield url


@pytest.fixture(scope="module")
def origin() -> Iterator[ScriptedOrigin]:
    with ScriptedOrigin(telling) as origin:
        yield origin


def config(
    provider: str, origin: str, directory: Path, *, oidc: str = "", more: str = "", settings: str = "", beside: str = ""
) -> str:
    """``oidc`` are more settings of the logins, ``more`` methods beside it and ``settings`` of the filter, ``beside``
    more filters; each begins with a comma."""
    (directory / "secret").write_text(SECRET)
    login = f"issuer: '{provider}', client_id: app, client_secret: '${{file:secret}}', scopes: [openid, email]{oidc}"
    filters = f"[{{authenticate: {{methods: [{{oidc: {{{login}}}}}{more}]{settings}}}}}{beside}]"
    kept = f"tokens: {{key_sets: {directory}/keys.json, session_keys: {directory}/sessions.json}}\n"
    return kept + one_service(origin, route=f", filters: {filters}")


def ready(person: Person) -> httpx.Response:
    """Where a person is sent who opens a page, once the provider is known."""
    sent: list[httpx.Response] = []

    def is_sent() -> bool:
        sent.append(person.open("/orders?year=2026&q=%2F%2Fa"))
        return sent[-1].status_code == 302

    eventually(is_sent, "the provider")
    return sent[-1]


@pytest.mark.parametrize("workers", [0, 2])
def test_from_the_first_page_to_the_last(provider: str, origin: ScriptedOrigin, tmp_path: Path, workers: int) -> None:
    text = config(provider, origin.url, tmp_path, beside=", {authorize: {grants: false, scopes: [email]}}")
    with running_gateway(tmp_path, text, workers=workers) as gateway, Person(gateway.port) as person:
        back = person.log_in(ready(person))
        assert (back.status_code, back.headers["location"]) == (302, "/orders?year=2026&q=%2F%2Fa")
        for _ in range(4):  # whichever worker is met
            person.http.cookies.set("theirs", "a=b; c", domain="localhost.local")
            seen = httpx.get(
                person.base + back.headers["location"],
                headers={**NAVIGATION, "Cookie": f"a=1; {_jar(person)}; theirs=2"},
                trust_env=False,
            )
            assert seen.status_code == 200, seen.text
            head = seen.text.split("\r\n")
            assert head[0] == "GET /orders?year=2026&q=%2F%2Fa HTTP/1.1"
            assert {f"X-Client-Id: {ADA}", "X-Client-Credential: oidc", "X-Client-Scopes: email openid"} <= set(head)
            assert "Cookie: a=1; theirs=2" in head
            assert "moongate-" not in seen.text
        assert len(person.cookies) == 1, "that login is over, and its cookie gone"
        changed = person.http.post(person.base + "/orders", headers={"Origin": person.base})
        assert changed.status_code == 200
        foreign = person.http.post(person.base + "/orders", headers={"Origin": "https://evil.example"})
        assert (foreign.status_code, foreign.json()["code"]) == (403, "forbidden")
        assert foreign.headers["content-type"] == "application/problem+json"

        image = person.http.get(person.base + "/oidc/logout", headers={"Accept": "image/*"})
        assert image.status_code == 403
        asked = person.open("/oidc/logout")
        assert "Log out?" in asked.text
        assert person.cookies, "nothing is over yet"
        gone = person.http.post(person.base + "/oidc/logout", headers={"Origin": person.base})
        assert gone.status_code == 303
        there = urlsplit(gone.headers["location"])
        assert f"{there.scheme}://{there.netloc}" == provider
        assert parse_qs(there.query)["post_logout_redirect_uri"] == [person.base + "/"]
        assert person.http.get(gone.headers["location"]).status_code == 200, "the provider has a page for that"
        assert person.cookies == {}
        assert person.open("/orders").status_code == 302
        assert person.http.get(person.base + "/orders").status_code == 401
        line = gateway.wait_log(lambda each: each["reason"] == "oidc_cross_site", "the other site")
        assert (line["status"], line["code"]) == (403, "forbidden")
        _assert_nothing_is_told(gateway)


def _jar(person: Person) -> str:
    return "; ".join(f"{name}={value}" for name, value in person.cookies.items())


def _assert_nothing_is_told(gateway: GatewayProcess) -> None:
    """No code, state, token or secret is in any log."""
    text = "".join(gateway.stderr) + str(gateway.log_lines())
    for secret in ("code=", "state=", SECRET, "eyJ", "moongate-session", "moongate-login"):
        assert secret not in text


def test_beside_keys_and_tokens_of_the_same_provider(provider: str, origin: ScriptedOrigin, tmp_path: Path) -> None:
    """A browser logs in, a program shows an access token that the provider made for it, on one route."""
    jwt = f", {{jwt: {{issuer: '{provider}', audience: app, client: sub}}}}"
    text = config(provider, origin.url, tmp_path, more=jwt)
    with running_gateway(tmp_path, text) as gateway, Person(gateway.port) as person:
        sent = ready(person)
        token = id_token_for(provider, "robot")
        answer = httpx.get(person.base, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        assert "X-Client-Credential: jwt" in answer.text
        wrong = httpx.get(person.base, headers={"Authorization": f"Bearer {token[:-8]}AAAAAAAA"}, trust_env=False)
        assert wrong.status_code == 401
        told = httpx.get(person.base, trust_env=False)
        assert told.status_code == 401
        assert told.headers.get_list("www-authenticate") == ["Cookie", "Bearer"]
        person.log_in(sent)
        assert "X-Client-Credential: oidc" in person.open("/").text
        crossed = person.http.post(
            person.base, headers={"Authorization": f"Bearer {token}", "Origin": "https://evil.example"}
        )
        assert crossed.status_code == 200, "the token proves it, whoever's page it was"


def test_several_tabs_and_nobody_elses(provider: str, origin: ScriptedOrigin, tmp_path: Path) -> None:
    text = config(provider, origin.url, tmp_path)
    with (
        running_gateway(tmp_path, text, workers=2) as gateway,
        Person(gateway.port) as person,
        Person(gateway.port) as eve,
    ):
        ready(person)
        one, two = person.open("/one"), person.open("/two")
        assert person.log_in(two).headers["location"] == "/two"
        assert person.log_in(one).headers["location"] == "/one"

        sent = eve.open("/hers")
        code = eve.http.post(sent.headers["location"], data={"sub": "eve@example.com"}).headers["location"]
        lured = person.open(code)
        assert (lured.status_code, "Start again" in lured.text) == (400, True)
        assert ADA in person.open("/").text, "she is who she was"
        assert eve.open(code).status_code == 302
        again = eve.open(code)
        assert again.status_code == 400, "once"
        _assert_nothing_is_told(gateway)


def test_what_is_no_login(provider: str, origin: ScriptedOrigin, tmp_path: Path) -> None:
    text = config(provider, origin.url, tmp_path)
    with running_gateway(tmp_path, text) as gateway, Person(gateway.port) as person:
        state = parse_qs(urlsplit(ready(person).headers["location"]).query)["state"][0]
        denied = person.open(f"/oidc/callback?error=access_denied&state={state}")
        assert (denied.status_code, "did not let you in" in denied.text) == (403, True)
        line = gateway.wait_log(lambda each: each["reason"] == "oidc_access_denied", "the refusal")
        assert (line["status"], line["code"], line["path"]) == (403, "login_refused", "/oidc/callback")
        state = parse_qs(urlsplit(person.open("/").headers["location"]).query)["state"][0]
        invented = person.open(f"/oidc/callback?code=invented&state={state}")
        assert (invented.status_code, "Start again" in invented.text) == (400, True)
        gateway.wait_log(lambda each: each["reason"] == "oidc_code_refused", "the code")
        for target, method, status in (
            ("/oidc/callback", "GET", 400),
            ("/oidc/callback?" + "a=1&" * 40, "GET", 400),
            ("/oidc/callback?state=%ff%fe&code=%00", "GET", 400),
            ("/oidc/callback?code=1&state=" + "a" * 5000, "GET", 400),
            ("/oidc/callback", "POST", 405),
            ("/oidc/logout", "DELETE", 405),
        ):
            with gateway.connect() as raw:
                assert raw.request(method, target).status == status
        with gateway.connect() as raw:
            body = raw.request("GET", "/oidc/callback?code=1", "Content-Length: 3", body=b"abc")
            assert body.status == 400
        _assert_nothing_is_told(gateway)


@pytest.mark.slow
def test_a_session_is_renewed_and_ends_where_the_provider_ends_it(origin: ScriptedOrigin, tmp_path: Path) -> None:
    with identity_provider("--token-max-age", "6") as provider:
        text = config(provider, origin.url, tmp_path)
        with (
            running_gateway(tmp_path, text, workers=2) as gateway,
            Person(gateway.port) as ada,
            Person(gateway.port) as eve,
        ):
            ada.log_in(ready(ada))
            eve.log_in(eve.open("/"), "eve@example.com")
            httpx.post(f"{provider}/users/eve@example.com/revoke-tokens", trust_env=False).raise_for_status()
            begun = dict(ada.cookies)

            def is_renewed() -> bool:
                assert ada.open("/").status_code == 200
                return dict(ada.cookies) != begun

            eventually(is_renewed, "another cookie")
            assert ADA in ada.open("/").text
            eventually(lambda: eve.open("/").status_code == 302, "the end of the session")
            assert eve.http.get(eve.base).status_code == 401


def test_a_provider_that_is_down(origin: ScriptedOrigin, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = config(f"http://127.0.0.1:{port}", origin.url, tmp_path)
    with running_gateway(tmp_path, text) as gateway, Person(gateway.port) as person:
        down = person.open("/")
        assert (down.status_code, down.headers["retry-after"]) == (503, "1")
        assert "can not be decided at present" in down.text
        assert person.http.get(person.base).status_code == 401, "a program without a credential needs one all the same"
        with identity_provider(port=port):
            sent = ready(person)
            code = person.http.post(sent.headers["location"], data={"sub": ADA}).headers["location"]
            person.log_in(person.open("/"))
        late = person.open(code)
        assert (late.status_code, "Start again" in late.text) == (503, True)
        assert ADA in person.open("/").text, "a session needs no provider"
        gateway.wait_said(f"provider http://127.0.0.1:{port} cannot be asked")
        _assert_nothing_is_told(gateway)


def test_sessions_outlive_restarts_and_reloads(provider: str, origin: ScriptedOrigin, tmp_path: Path) -> None:
    text = config(provider, origin.url, tmp_path)
    cookies = httpx.Cookies()
    with running_gateway(tmp_path, text) as gateway, Person(gateway.port) as person:
        person.log_in(ready(person))
        cookies = person.http.cookies
    old, new = "o" * 32, "n" * 32
    with running_gateway(tmp_path, text, workers=2) as gateway, Person(gateway.port) as person:
        person.http.cookies = cookies
        assert ADA in person.open("/").text
        gateway.write_config(text.replace("session_keys:", f"session_secrets: [{old}], session_keys:"))
        eventually(lambda: person.open("/").status_code == 302, "the end of sessions that another key sealed")
        person.log_in(person.open("/"))
        gateway.write_config(text.replace("session_keys:", f"session_secrets: [{new}, {old}], session_keys:"))
        eventually(lambda: gateway.said("generation 3"), "the new key")
        assert ADA in person.open("/").text
        gateway.write_config(text.replace("session_keys:", f"session_secrets: [{new}], session_keys:"))
        eventually(lambda: person.open("/").status_code == 302, "the end of what the old key sealed")


def test_logins_that_are_new_and_workers_that_are_new(provider: str, origin: ScriptedOrigin, tmp_path: Path) -> None:
    """A reload that brings logins has what they need before it serves them, and so has a worker that takes another's
    place."""
    text = config(provider, origin.url, tmp_path)
    with (
        running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway,
        Person(gateway.port) as person,
    ):
        assert person.open("/").status_code == 200
        gateway.write_config(text)
        eventually(lambda: person.open("/").status_code != 200, "the reload")
        person.log_in(person.open("/"))
        killed, _ = gateway.workers()
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: len(set(gateway.workers()) - {killed}) == 2, "another worker")
        fields = {**NAVIGATION, "Cookie": _jar(person)}
        for _ in range(16):  # on a connection of its own each
            assert ADA in httpx.get(person.base, headers=fields, trust_env=False).text


def test_accounts_has_the_last_word(provider: str, origin: ScriptedOrigin, tmp_path: Path) -> None:
    with AccountsFeed() as feed:
        feed.client({**client_record(1), "id": ADA})
        accounts = f"accounts: {{url: '{feed.url}', token: {TOKEN}, replica: {tmp_path}/replica.sqlite}}\n"
        text = accounts + config(provider, origin.url, tmp_path, oidc=", known_to_accounts: true")
        with running_gateway(tmp_path, text, workers=2) as gateway, Person(gateway.port) as person:
            person.log_in(ready(person))
            eventually(lambda: person.open("/").status_code == 200, "the replica")
            feed.client({**client_record(1), "id": ADA, "status": "suspended"})
            eventually(lambda: person.open("/").status_code == 401, "the end of the client")
            feed.client({**client_record(1), "id": ADA, "not_before": 4102444800})
            eventually(
                lambda: any(each["reason"] == "oidc_refused" for each in gateway.log_lines()), "sessions of before"
            )
            assert person.open("/").status_code == 401


def test_over_tls_cookies_are_for_this_host_alone(provider: str, origin: ScriptedOrigin, tmp_path: Path) -> None:
    ca = Authority(tmp_path)
    pair = ca.issue("localhost")
    text = config(provider, origin.url, tmp_path)
    trusted = ssl.create_default_context(cafile=str(ca.pem))
    with (
        running_gateway(tmp_path, text, tls=f"{{{pair.yaml}}}") as gateway,
        Person(gateway.port, trusted=trusted) as person,
    ):
        sent = ready(person)
        cookie = sent.headers["set-cookie"]
        assert cookie.startswith("__Host-moongate-login-")
        assert cookie.endswith("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure")
        asked = parse_qs(urlsplit(sent.headers["location"]).query)
        assert asked["redirect_uri"] == [f"https://localhost:{gateway.port}/oidc/callback"]
        back = person.log_in(sent)
        assert back.headers.get_list("set-cookie")[-1].startswith("__Host-moongate-session-")
        assert back.headers.get_list("set-cookie")[-1].endswith("; HttpOnly; SameSite=Lax; Secure")
        assert ADA in person.open("/").text
        plain = person.open("/", Cookie=_jar(person).replace("__Host-", ""))
        assert plain.status_code == 302, "a cookie that anybody could have set"


def test_without_tls_nobody_logs_in_from_afar(provider: str, origin: ScriptedOrigin, tmp_path: Path) -> None:
    text = config(provider, origin.url, tmp_path)
    with running_gateway(tmp_path, text) as gateway, Person(gateway.port) as person:
        ready(person)
        afar = person.open("/", Host="app.example.com")
        assert afar.status_code == 401
        assert "set-cookie" not in afar.headers
        gateway.wait_log(lambda each: each["reason"] == "oidc_needs_tls", "why")
        behind = person.open("/", Host="app.example.com", **{"X-Forwarded-Proto": "https"})
        assert behind.status_code == 401, "a stranger says so"
    trusting = text + "trusted_proxies: [127.0.0.0/8]\n"
    with running_gateway(tmp_path, trusting) as gateway, Person(gateway.port) as person:
        ready(person)
        fields = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "app.example.com"}
        behind = person.open("/", **fields)
        assert behind.status_code == 302
        asked = parse_qs(urlsplit(behind.headers["location"]).query)
        assert asked["redirect_uri"] == ["https://app.example.com/oidc/callback"]
        assert behind.headers["set-cookie"].endswith("; Secure")
