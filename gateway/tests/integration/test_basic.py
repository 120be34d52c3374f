"""Names and passwords through a running gateway: let in, refused, in the way of nobody, and another file taken up."""

from __future__ import annotations

import contextlib
import select
from typing import TYPE_CHECKING

import pytest

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import ScriptedOrigin, telling
from gateway_harness.passwords import argon2ed, basic, bcrypted
from gateway_harness.polling import eventually
from gateway_harness.replicas import TOKEN, client_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway_harness.raw_client import RawClient, Response

CANARY = "correct horse canary staple"


@pytest.fixture
def origin() -> Iterator[ScriptedOrigin]:
    with ScriptedOrigin(telling) as origin:
        yield origin


def write_users(directory: Path, *lines: str) -> Path:
    """In one step, as a good editor saves."""
    users = directory / "users.htpasswd"
    new = users.with_suffix(".new")
    new.touch(0o600)
    new.write_text("".join(f"{line}\n" for line in lines))
    new.replace(users)
    return users


def config(target: str, more: str = "", filters: str = "") -> str:
    method = f"{{basic: {{users: '${{file:users.htpasswd}}', realm: Warehouse{more}}}}}"
    return one_service(target, route=f", filters: [{{authenticate: {{methods: [{method}]{filters}}}}}]")


def ask(gateway: GatewayProcess, name: str, password: str, target: str = "/a") -> Response:
    with gateway.connect() as client:
        return client.request("GET", target, basic(name, password))


@pytest.mark.parametrize("workers", [0, 2])
def test_the_right_password_and_no_other(tmp_path: Path, origin: ScriptedOrigin, workers: int) -> None:
    write_users(tmp_path, f"ada:{bcrypted(CANARY)}", f"bob:{argon2ed('p:w')}")
    with running_gateway(tmp_path, config(origin.url), workers=workers) as gateway:
        with gateway.connect() as client:
            missing = client.request("GET", "/a")
        assert (missing.status, missing.code) == (401, "credentials_missing")
        assert missing.value("WWW-Authenticate") == 'Basic realm="Warehouse", charset="UTF-8"'
        for name, password in (("ada", CANARY), ("bob", "p:w")):
            lines = ask(gateway, name, password).body.split(b"\r\n")
            assert f"X-Client-Id: {name}".encode() in lines
            assert not [line for line in lines if line.lower().startswith(b"authorization")]
        for name, password in (("ada", "wrong"), ("eve", CANARY), ("bob", "p"), ("", "x")):
            wrong = ask(gateway, name, password)
            assert (wrong.status, wrong.code) == (401, "credentials_invalid")
            assert wrong.value("WWW-Authenticate") == 'Basic realm="Warehouse", charset="UTF-8"'
        line = gateway.wait_log(lambda each: each["reason"] == "basic_refused", "the refusal")
        assert line["client"] in (None, "", "-"), "a name that was not proved is nobody's"
        said = (tmp_path / "access.jsonl").read_text() + "".join(gateway.stderr)
        assert "canary" not in said
        assert "$2b$" not in said


def test_the_service_may_be_shown_the_password_where_that_is_wanted(tmp_path: Path, origin: ScriptedOrigin) -> None:
    write_users(tmp_path, f"ada:{bcrypted('pass')}")
    with running_gateway(tmp_path, config(origin.url, filters=", forward_credentials: true")) as gateway:
        assert basic("ada", "pass").encode() in ask(gateway, "ada", "pass").body


def test_another_file_is_taken_up_and_a_bad_one_is_not(tmp_path: Path, origin: ScriptedOrigin) -> None:
    write_users(tmp_path, f"ada:{bcrypted('old')}")
    with running_gateway(tmp_path, config(origin.url), workers=2) as gateway, gateway.connect() as open_connection:
        assert open_connection.request("GET", "/a", basic("ada", "old")).status == 200
        write_users(tmp_path, f"ada:{bcrypted('new')}")
        eventually(lambda: ask(gateway, "ada", "new").status == 200, "the new password")
        eventually(
            lambda: open_connection.request("GET", "/a", basic("ada", "old")).status == 401, "the end of the old one"
        )
        write_users(tmp_path, "ada:$apr1$abcdefgh$canary")
        eventually(lambda: gateway.said("line 1: ada has an MD5 hash"), "the refusal")
        assert not gateway.said("canary")
        # A worker that was shown it too often before the file came looks at no password for some seconds.
        eventually(lambda: ask(gateway, "ada", "new").status == 200, "the new password goes on")


def test_a_client_that_accounts_knows(tmp_path: Path, origin: ScriptedOrigin) -> None:
    write_users(tmp_path, f"c1:{bcrypted('pass')}", f"c2:{bcrypted('pass')}")
    with AccountsFeed() as feed:
        feed.client(client_record(1))
        accounts = f"accounts: {{url: '{feed.url}', token: {TOKEN}, replica: {tmp_path}/replica.sqlite}}\n"
        with running_gateway(tmp_path, accounts + config(origin.url, ", known_to_accounts: true")) as gateway:
            eventually(lambda: ask(gateway, "c1", "pass").status == 200, "the replica")
            assert ask(gateway, "c2", "pass").status == 401
            feed.client({**client_record(1), "status": "suspended"})
            eventually(lambda: ask(gateway, "c1", "pass").status == 401, "the suspension")


def is_silent(client: RawClient) -> bool:
    return not select.select([client.sock], [], [], 0)[0]


def test_passwords_that_are_checked_are_in_nobody_s_way(tmp_path: Path, origin: ScriptedOrigin) -> None:
    """Forty wrong passwords at once: some are refused when they are checked and some turned away at once; who was
    known before is served while they wait."""
    write_users(tmp_path, f"ada:{bcrypted('pass', 10)}")
    with running_gateway(tmp_path, config(origin.url)) as gateway, contextlib.ExitStack() as stack:
        known = stack.enter_context(gateway.connect())
        assert known.request("GET", "/a", basic("ada", "pass")).status == 200
        waiting = [stack.enter_context(gateway.connect()) for _ in range(40)]
        for number, client in enumerate(waiting):
            client.send_request("GET", "/a", basic("ada", f"wrong-{number}"))
        assert known.request("GET", "/a", basic("ada", "pass")).status == 200
        assert any(map(is_silent, waiting)), "it was served while others wait"
        answers = [client.read_response() for client in waiting]
        statuses = [answer.status for answer in answers]
        assert set(statuses) <= {401, 429, 503}
        assert statuses.count(401) >= 1
        turned_away = [answer for answer in answers if answer.status == 503]
        assert turned_away
        assert {answer.code for answer in turned_away} == {"overloaded"}
        assert turned_away[0].value("Retry-After") == "1"


def test_the_same_password_on_many_connections_is_checked_once(tmp_path: Path, origin: ScriptedOrigin) -> None:
    write_users(tmp_path, f"ada:{bcrypted('pass', 10)}")
    with running_gateway(tmp_path, config(origin.url)) as gateway, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(gateway.connect()) for _ in range(100)]
        for client in clients:
            client.send_request("GET", "/a", basic("ada", "pass"))
        assert {client.read_response().status for client in clients} == {200}, "nobody of them was one too many"
