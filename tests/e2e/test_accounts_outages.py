"""The gateway beside a real accounts that is well, stopped, killed, and restored: what callers see is a table."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from run_system.children import Child, ChildPlan
from run_system.plan import script
from system_harness.ports import free_ports
from system_harness.running import START_SECONDS, STOP_SECONDS, running_child

LET_IN = 502
"""Nobody stands behind this gateway: who is let in learns that."""
UNKNOWN_KEY = "mg_live_000000000000_000000000000000000000000000000010oFcGD"
FRESH = (LET_IN, 401, 401, 401)
ACCOUNTS_DOWN = (LET_IN, 401, 503, 401)


@dataclass
class Accounts:
    """A database of accounts, its commands, and its server."""

    directory: Path
    port: int

    def command(self, *arguments: str) -> dict[str, str]:
        made = subprocess.run(
            (script("accounts"), *arguments, *(() if arguments[0] == "migrate" else ("--json",))),
            env={**os.environ, **self.environment},
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(made.stdout) if arguments[0] != "migrate" else {}

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ACCOUNTS_DATABASE_URL": f"sqlite:///{self.directory / 'accounts.db'}",
            "ACCOUNTS_PEPPER_FILE": str(self.directory / "accounts.peppers"),
        }

    @property
    def plan(self) -> ChildPlan:
        url = f"http://127.0.0.1:{self.port}"
        command = (script("accounts"), "serve", "--port", str(self.port))
        return ChildPlan("accounts", command, self.environment, f"{url}/healthz")

    def new_key(self) -> tuple[str, str]:
        """The id and the text of another key of the client."""
        text = self.command("key", "create", "acme")["key"]
        return text.split("_")[2], text


@contextmanager
def gateway_for(accounts: Accounts, port: int) -> Iterator[Child]:
    directory = accounts.directory
    (directory / "gateway.yaml").write_text(
        f"version: 1\nadmin: off\ndrain: {{notice: 0s}}\nlisteners: [{{bind: '127.0.0.1:{port}'}}]\naccess_log: false\n"
        f"accounts: {{url: 'http://127.0.0.1:{accounts.port}', token: '${{file:gateway.token}}',"
        f" replica: {directory / 'replica.sqlite'}}}\n"
        "services: {nobody: {targets: ['http://127.0.0.1:1']}}\n"
        "routes:\n  - {name: open, match: {path: /open}, service: nobody}\n"
        "  - {name: all, match: {path: /**}, service: nobody, filters: [authenticate]}\n"
    )
    command = (script("moongate"), "run", str(directory / "gateway.yaml"), "--workers", "2")
    child = Child(ChildPlan("gateway", command, {}), directory / "gateway.log")
    try:
        eventually(lambda: answers(port), "the gateway answers")
        yield child
    finally:
        assert child.stop(STOP_SECONDS)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/open", timeout=5).status_code == LET_IN
    except httpx.TransportError:
        return False


def eventually(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_table(tmp_path: Path) -> None:
    port, accounts_port = free_ports(2)
    accounts = Accounts(tmp_path, accounts_port)
    accounts.command("migrate")
    accounts.command("bootstrap")
    accounts.command("client", "create", "acme")
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
