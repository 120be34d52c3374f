"""Wrong credentials by the thousand: told to wait, at no cost to memory, to accounts, or to whoever is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import ScriptedOrigin
from gateway_harness.passwords import basic, bcrypted
from gateway_harness.polling import eventually
from gateway_harness.replicas import TOKEN, api_key, client_record, public_id

if TYPE_CHECKING:
    from pathlib import Path

    from gateway_harness.raw_client import Response

KEY = f"X-API-Key: {api_key(public_id(1)).decode()}"
FLOOD = 10_000
AT_A_TIME = 50
MIB = 1 << 20


def status(gateway: GatewayProcess, *lines: str) -> int:
    with gateway.connect() as client:
        return client.request("GET", "/a", *lines).status


def flood(gateway: GatewayProcess, size: int) -> list[Response]:
    """Keys that are well formed and nobody's, each another one; in between somebody who is known."""
    answers: list[Response] = []
    with gateway.connect() as client, gateway.connect() as known:
        for begin in range(0, size, AT_A_TIME):
            for number in range(begin, begin + AT_A_TIME):
                client.send_request("GET", "/a", f"X-API-Key: {api_key(f'n{number:011d}').decode()}")
            if begin % (20 * AT_A_TIME) == 0:
                assert known.request("GET", "/a", KEY).status == 200
            answers += [client.read_response() for _ in range(AT_A_TIME)]
    return answers


def test_ten_thousand_wrong_keys(tmp_path: Path) -> None:
    with AccountsFeed() as feed, ScriptedOrigin() as origin:
        feed.client(client_record(1))
        accounts = f"accounts: {{url: '{feed.url}', token: {TOKEN}, replica: {tmp_path}/replica.sqlite}}\n"
        config = accounts + one_service(origin.url, route=", filters: [{authenticate: api_key}]")
        with running_gateway(tmp_path, config) as gateway:
            eventually(lambda: status(gateway, KEY) == 200, "the replica")
            flood(gateway, 1000)  # so that what is reserved once is
            before = gateway.resident_bytes()
            answers = flood(gateway, FLOOD)
            assert gateway.resident_bytes() - before < 8 * MIB
            statuses = [answer.status for answer in answers]
            assert set(statuses) <= {401, 429}
            assert statuses.count(429) > FLOOD * 0.9
            told = next(answer for answer in answers if answer.status == 429)
            assert told.code == "rate_limited"
            assert 1 <= int(told.value("Retry-After") or 0) <= 3
            assert told.value("WWW-Authenticate") is None
            assert feed.asked == [], "accounts is not asked about a request"
            line = gateway.wait_log(lambda each: each["status"] == 429, "who was told to wait")
            assert (line["code"], line["reason"]) == ("rate_limited", "key_unknown")
            assert status(gateway, KEY) == 200


def test_guesses_at_a_password(tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.touch(0o600)
    users.write_text(f"ada:{bcrypted('pass')}\nbob:{bcrypted('word')}\n")
    method = "{basic: {users: '${file:users}'}}"
    with ScriptedOrigin() as origin:
        config = one_service(origin.url, route=f", filters: [{{authenticate: [{method}]}}]")
        with running_gateway(tmp_path, config) as gateway:
            assert status(gateway, basic("ada", "pass")) == 200
            statuses = [status(gateway, basic("bob", f"guess-{number}")) for number in range(40)]
            assert set(statuses) == {401, 429}
            assert statuses[:20] == [401] * 20
            assert status(gateway, basic("ada", "pass")) == 200, "who is known goes on, from the same address"
            assert status(gateway) == 401
            line = gateway.wait_log(lambda each: each["reason"] == "basic_unjudged", "a guess that was not looked at")
            assert line["code"] == "rate_limited"
