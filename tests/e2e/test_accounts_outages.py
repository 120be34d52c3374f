"""The gateway beside a real accounts that is well, stopped, killed, and restored: what callers see is a table."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from system_harness.accounts_beside import LET_IN, Accounts, eventually, gateway_for
from system_harness.ports import free_ports
from system_harness.running import running_child

UNKNOWN_KEY = "mg_live_000000000000_000000000000000000000000000000010oFcGD"
FRESH = (LET_IN, 401, 401, 401)
ACCOUNTS_DOWN = (LET_IN, 401, 503, 401)


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
            return client.get("/", headers={"X-API-Key": key}).status_code

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
