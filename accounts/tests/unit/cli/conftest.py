"""The command line on the database of the test."""

import json

import pytest

from accounts.bootstrap.wiring import Services
from accounts.cli.main import main
from accounts_harness.commands import Run, RunJson


@pytest.fixture
def environment(bare: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNTS_DATABASE_URL", bare.settings.database_url)
    monkeypatch.setenv("ACCOUNTS_PEPPER_FILE", bare.settings.pepper_file)


@pytest.fixture
def run(environment: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a subcommand that has to succeed; what it said."""

    def run(*arguments: str, status: int = 0) -> str:
        assert main(arguments) == status
        said = capsys.readouterr()
        return said.out if status == 0 else said.err

    return run


@pytest.fixture
def run_json(run: Run) -> RunJson:
    """Run a subcommand with `--json`; the value it said."""
    return lambda *arguments: json.loads(run(*arguments, "--json"))
