"""`accounts migrate`."""

import pytest

from accounts.bootstrap.wiring import Services
from accounts.cli.main import main
from accounts_harness.making import make_client
from servicekit.testing.databases import Databases


def test_an_empty_database_gets_the_schema_and_again_is_fine(
    databases: Databases, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNTS_DATABASE_URL", databases.empty(engine_name))
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    assert main(["client", "list"]) == 0


def test_after_a_backup_gateways_start_over(
    services: Services, environment: None, capsys: pytest.CaptureFixture[str]
) -> None:
    make_client(services)
    before = services.store.read(lambda tx: tx.feed.state())
    assert main(["migrate", "--restored"]) == 0
    after = services.store.read(lambda tx: tx.feed.state())
    assert after.epoch != before.epoch
    assert after.floor == after.last == before.last
