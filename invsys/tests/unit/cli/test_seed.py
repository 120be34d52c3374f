"""`invsys seed`."""

import pytest

from invsys.cli.main import main


def test_it_seeds_once(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", database_url)
    assert main(["seed", "--resources", "6", "--allocations", "20"]) == 0
    assert capsys.readouterr().out == "6 resources and 20 allocations added\n"
    assert main(["seed", "--resources", "6", "--allocations", "20"]) == 1
    assert "seed an empty inventory" in capsys.readouterr().err
