"""Tokens of accounts, by its own introspection endpoint."""

from pathlib import Path

import httpx

from system_harness.accounts_beside import Accounts, eventually, gateway_for
from system_harness.ports import free_ports
from system_harness.running import running_child

ASKING = (
    "{authenticate: [{introspection: "
    "{service: one, path: /oauth/introspect, token: '${file:gateway.token}', cache: 0s, timeout: 10s}}]}"
)

LET_IN = 404
"""Accounts is the service behind the gateway too, and has nothing under the path that is asked for."""


def test_a_token_is_taken_until_it_is_revoked_and_nobody_is_guessed_about(tmp_path: Path) -> None:
    accounts_port, port = free_ports(2)
    accounts = Accounts(tmp_path, accounts_port)
    accounts.prepare()

    def asked(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"http://127.0.0.1:{port}/a", headers=headers, timeout=30).status_code

    with running_child(accounts.plan, tmp_path), gateway_for(accounts, port, accounts.url, ASKING):
        token = accounts.token()
        assert asked(token) == LET_IN
        assert asked(f"{token}x") == 401
        assert asked("opaque") == 401
        accounts.command("client", "revoke-tokens", "acme")
        eventually(lambda: asked(token) == 401, "the end of the token")
        assert asked(accounts.token()) == LET_IN
    with gateway_for(accounts, port, accounts.url, ASKING):
        assert asked(token) == 503, "accounts is away"


def test_accounts_may_have_a_word_about_the_client_each_time(tmp_path: Path) -> None:
    accounts_port, port = free_ports(2)
    accounts = Accounts(tmp_path, accounts_port)
    accounts.prepare()
    asking = ASKING.replace("cache: 0s", "cache: 1h, known_to_accounts: true")

    def asked(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"http://127.0.0.1:{port}/a", headers=headers, timeout=30).status_code

    with running_child(accounts.plan, tmp_path), gateway_for(accounts, port, accounts.url, asking):
        token = accounts.token()
        eventually(lambda: asked(token) == LET_IN, "the replica")
        accounts.command("client", "suspend", "acme")
        eventually(lambda: asked(token) == 401, "the end of the client, though the endpoint is not asked again")
