"""What subcommands share."""

import pytest

from accounts.cli.main import main
from accounts.cli.running import origin, parse_pairs, parse_time, say_members, say_table
from accounts.domain.errors import InvalidValueError
from servicekit.testing.databases import Databases


@pytest.mark.parametrize("arguments", [["client", "list"], ["bootstrap"], ["key", "list", "x"]])
def test_without_a_schema_each_says_what_to_do(
    arguments: list[str],
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ACCOUNTS_DATABASE_URL", databases.empty("sqlite"))
    assert main(arguments) == 1
    assert "run `accounts migrate`" in capsys.readouterr().err


def test_tables_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    say_table([{"id": 1, "labels": {"a": "b", "c": "d"}}, {"id": 100, "labels": {}}], ("id", "labels", "last_used"))
    assert capsys.readouterr().out.splitlines() == [
        "ID   LABELS   LAST USED",
        "1    a=b c=d  -",
        "100  -        -",
    ]
    say_members({"id": 1, "roles": ["a", "b"]})
    assert capsys.readouterr().out == "id     1\nroles  a,b\n"


def test_times_are_spans_or_moments() -> None:
    now = 1_000_000_000_000
    assert [parse_time("e", text, now) for text in ("90s", "15m", "12h", "30d", None)] == [
        1_000_090, 1_000_900, 1_043_200, 3_592_000, None,
    ]  # fmt: skip
    assert parse_time("e", "2027-01-31T01:00:00+01:00", now) == 1_801_353_600
    assert parse_time("e", "9999-12-31T23:59:59-14:00", now) == 253_402_351_199  # refused by who knows the bound
    for wrong in ("", "30", "d", "2027-01-31T00:00:00", "tomorrow"):
        with pytest.raises(InvalidValueError):
            parse_time("e", wrong, now)


def test_pairs() -> None:
    assert parse_pairs("label", ["a=b", "c=d=e", "f="]) == {"a": "b", "c": "d=e", "f": ""}
    with pytest.raises(InvalidValueError):
        parse_pairs("label", ["a"])


def test_the_audit_names_who_sits_here() -> None:
    assert origin().actor.startswith("cli:")
