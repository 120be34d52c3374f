"""The command."""

import pytest

from accounts.cli.main import main, sentence
from accounts.domain import errors


def test_usage_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["none"], ["client"], ["client", "create"], ["client", "show", "\udcff"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    assert "usage: accounts" in capsys.readouterr().err


def test_a_bad_setting_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ACCOUNTS_PORT", "many")
    assert main(["client", "list"]) == 1
    assert capsys.readouterr().err.startswith("accounts: ACCOUNTS_PORT must be a whole number")


def test_every_refusal_is_a_sentence() -> None:
    assert sentence(errors.InvalidValueError("name", "c", "is wrong")) == "name is wrong"
    assert sentence(errors.NotFoundError("client", "x")) == "there is no client 'x'"
    assert "choose another" in sentence(errors.DuplicateNameError("client", "x"))
    assert sentence(errors.StateConflictError("c", "is closed")) == "is closed"
