"""The feed under many writers, with a follower that is killed again and again: in the end it holds the database.

`ACCOUNTS_FEED_CHANGES=10000` runs it at full size; in CI it is smaller.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import build_services
from accounts.domain.client import ClientStatus
from accounts.service.ports import ClientQuery
from accounts.service.records import client_record, plan_record, role_record
from accounts_harness.following import BROKEN
from accounts_harness.making import make_client
from accounts_harness.served import ServedAccounts
from accounts_harness.writing import SHARED

WRITERS = 8
CHANGES = int(os.environ.get("ACCOUNTS_FEED_CHANGES", "400"))
KILLS = 5


class Follower:
    """A follower in a process of its own, whose memory is a file."""

    def __init__(self, served: ServedAccounts) -> None:
        self.file = served.directory / "followed.json"
        self._command = [sys.executable, "-m", "accounts_harness.following", served.base_url]
        self._command += [str(served.gateway_file), str(self.file)]
        self._environ = served.environ
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(self._command, env=self._environ, stdout=subprocess.PIPE, text=True)

    def stop(self) -> int:
        """SIGKILL; the exit status, which tells whether it had given up before."""
        self.process.kill()
        self.process.communicate()
        return self.process.returncode

    def restart(self) -> None:
        """Kill it at whatever it is doing, and let it go on."""
        assert self.stop() != BROKEN
        self.process = self._start()

    def state(self) -> dict[str, Any]:
        """What it has written down."""
        found: dict[str, Any] = json.loads(self.file.read_text()) if self.file.exists() else {"seq": 0, "records": {}}
        return found


def run_writers(served: ServedAccounts, changes: int, *more: str) -> "list[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "accounts_harness.writing"]
    return [
        subprocess.Popen([*command, str(seed), str(changes // WRITERS), *more], env=served.environ, text=True)
        for seed in range(WRITERS)
    ]


def stored(served: ServedAccounts) -> tuple[int, dict[str, Any]]:
    """What the tables say that gateways should know, derived anew, and the number of the last change."""
    services = build_services(Settings(served.database_url, str(served.pepper_file)))
    try:
        assert list(services.verify()) == []

        def work(tx: Any) -> tuple[int, dict[str, Any]]:
            found: dict[str, Any] = {}
            for status in ClientStatus:
                for client in tx.clients.page(ClientQuery(1_000_000, status)):
                    found[f"client {client.id}"] = client_record(tx, client)
            found |= {f"role {role.name}": role_record(role) for role in tx.roles.page("", 1_000_000)}
            found |= {f"plan {plan.name}": plan_record(plan) for plan in tx.plans.page("", 1_000_000)}
            return tx.feed.state().last, found

        return services.store.read(work)
    finally:
        services.close()


def environ_with_harness(served: ServedAccounts) -> None:
    served.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)


def make_shared(served: ServedAccounts) -> None:
    services = build_services(Settings(served.database_url, str(served.pepper_file)))
    for number in range(SHARED):
        make_client(services, f"shared {number}")
    services.close()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_follower_ends_with_what_the_database_has(database_url: str) -> None:
    chance = random.Random(5)
    with ServedAccounts(database_url) as served:
        environ_with_harness(served)
        make_shared(served)
        follower = Follower(served)
        writers = run_writers(served, CHANGES)
        try:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.5, 2.0))
                follower.restart()
            assert [writer.wait(1500) for writer in writers] == [0] * WRITERS
            last, wanted = stored(served)
            assert last >= CHANGES
            deadline = time.monotonic() + 60
            while follower.state()["seq"] < last and time.monotonic() < deadline and follower.process.poll() is None:
                time.sleep(0.05)
            held = follower.state()
            assert follower.stop() != BROKEN
        finally:
            for process in (*writers, follower.process):
                process.kill()
                process.wait()
        assert held["seq"] == last
        assert {name: record for name, record in held["records"].items() if not name.startswith("pepper")} == wanted


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_follower_would_notice_commits_that_overtake(database_url: str) -> None:
    """The same with numbers as a sequence gives them: the follower must give up, or the test above proves nothing."""
    with ServedAccounts(database_url) as served:
        environ_with_harness(served)
        make_shared(served)
        counter = served.directory / "counter"
        counter.write_text(str(stored(served)[0]))
        follower = Follower(served)
        writers = run_writers(served, 100_000, str(counter))
        try:
            said, _ = follower.process.communicate(timeout=120)
        finally:
            for process in (*writers, follower.process):
                process.kill()
                process.wait()
        assert follower.process.returncode == BROKEN
        assert " follows " in said
