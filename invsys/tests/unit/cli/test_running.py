"""What subcommands share."""

import pytest

from invsys.cli.main import main
from servicekit.testing.databases import Databases


@pytest.mark.parametrize("arguments", [["verify"], ["seed"], ["kind", "list"], ["export", "resources"]])
def test_without_a_schema_each_says_what_to_do(
    arguments: list[str],
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.empty("sqlite"))
    assert main(arguments) == 1
    assert "run `invsys migrate`" in capsys.readouterr().err
