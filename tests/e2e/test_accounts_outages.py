"""The gateway beside a real accounts that is well, stopped, killed, and restored: what callers see is a table."""

import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from accounts.domain.credentials import new_text
from system_harness.accounts_beside import LET_IN, Accounts, eventually, from_elsewhere, gateway_for
from system_harness.moving import MovedClock
from system_harness.ports import free_ports
from system_harness.running import running_child

UNKNOWN_KEY = "mg_live_000000000000_000000000000000000000000000000010oFcGD"
FRESH = (LET_IN, 401, 401, 401)
ACCOUNTS_DOWN = (LET_IN, 401, 503, 401)
ASK = "/internal/v1/ask"
TOO_OLD = (503, 401, 503, 401)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_table(tmp_path: Path) -> None:
    port, accounts_port = free_ports(2)
    accounts = Accounts(tmp_path, accounts_port)
    accounts.prepare()
    (_, known), (revoked_id, revoked), (later_id, later) = (accounts.new_key() for _ in range(3))
    accounts.command("key", "revoke", "acme", revoked_id)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

        def status(key: str) -> int:
            return client.get("/", headers={"X-API-Key": key, **from_elsewhere()}).status_code

        def row() -> tuple[int, ...]:
            return tuple(status(key) for key in (known, revoked, UNKNOWN_KEY, known[:-1] + "!"))

        with gateway_for(accounts, port):
            with running_child(accounts.plan, tmp_path) as server:
                eventually(lambda: row() == FRESH, "accounts is well")
                os.killpg(server.process.pid, signal.SIGSTOP)
                eventually(lambda: row() == ACCOUNTS_DOWN, "accounts is stopped")
                os.killpg(server.process.pid, signal.SIGCONT)
                eventually(lambda: row() == FRESH, "accounts goes on")
                assert status(later) == LET_IN
                server.kill()
            eventually(lambda: row() == ACCOUNTS_DOWN, "accounts is dead")
        with gateway_for(accounts, port):
            assert row() == ACCOUNTS_DOWN, "the gateway was started while accounts is dead"
            accounts.command("migrate", "--restored")
            accounts.command("key", "revoke", "acme", later_id)
            with running_child(accounts.plan, tmp_path):
                eventually(lambda: status(later) == 401, "the restored accounts is followed")
                assert row() == FRESH


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_quarter_of_an_hour_without_accounts(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    port, accounts_port = free_ports(2)
    accounts = Accounts(tmp_path, accounts_port, clock.environment)
    accounts.prepare()
    (_, known), (revoked_id, revoked) = accounts.new_key(), accounts.new_key()
    accounts.command("key", "revoke", "acme", revoked_id)

    def status(field: str, value: str) -> int:
        # A connection each, so that both workers are asked.
        headers = {field: value, **from_elsewhere()}
        return httpx.get(f"http://127.0.0.1:{port}/", headers=headers, timeout=30, verify=False).status_code

    def rows() -> set[tuple[int, ...]]:
        keys = (known, revoked, UNKNOWN_KEY, known[:-1] + "!")
        return {tuple(status("X-API-Key", key) for key in keys) for _ in range(6)}

    with gateway_for(accounts, port):
        with running_child(accounts.plan, tmp_path) as server:
            token = f"Bearer {accounts.token()}"
            eventually(lambda: rows() == {FRESH} and status("Authorization", token) == LET_IN, "accounts is well")

            def is_asked() -> bool:
                clock.forward(10)  # stale, until accounts is heard again
                _, stranger = new_text("mg_live")
                assert status("X-API-Key", stranger) == 401
                return ASK in server.log.read_text()

            eventually(is_asked, "accounts is asked about a key that is unknown to who has not heard it for a while")
            server.kill()
        eventually(lambda: rows() == {ACCOUNTS_DOWN}, "accounts is dead")
        for minute in range(1, 8):
            clock.forward(60)
            assert rows() == {ACCOUNTS_DOWN}, minute
            if minute != 5:  # when its 300 s are over, but not the leeway for clocks that differ
                assert status("Authorization", token) == (LET_IN if minute < 5 else 401), minute
    began = time.monotonic()
    with gateway_for(accounts, port):
        served = status("X-API-Key", known), time.monotonic()
        print(f"{served[1] - began:.2f} s from the start of a gateway to its first client, accounts being dead")
        assert served[0] == LET_IN
        assert rows() == {ACCOUNTS_DOWN}, "restarted"
        for minute in range(8, 15):
            clock.forward(60)
            assert rows() == {ACCOUNTS_DOWN}, minute
        clock.forward(60)
        assert rows() == {TOO_OLD}
    with gateway_for(accounts, port):
        assert rows() == {TOO_OLD}, "restarted"
        with running_child(accounts.plan, tmp_path):
            eventually(lambda: rows() == {FRESH}, "accounts is back")
