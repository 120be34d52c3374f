"""The command."""

import pytest

from invsys.cli.main import main


def test_usage_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["fly"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
        assert "usage: invsys" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite:////nonexistent/dir/a.db", "postgresql://127.0.0.1:1/none"])
@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_database_that_cannot_be_used_is_one_line(
    command: str, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", url)
    assert main([command]) == 1
    error = capsys.readouterr().err
    assert error.startswith("invsys: ")
    assert error.count("\n") == 1
