"""`invsys kind`."""

from pathlib import Path

import pytest

from invsys.cli.main import main


@pytest.fixture(autouse=True)
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", database_url)


def test_kinds_are_added_changed_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    assert main(["kind", "add", "court", "courts", "--slot", "30m", "--anchor", "2026-01-01T00:15:00Z"]) == 0
    assert main(["kind", "add", "truck", "trucks", "--schema", str(schema)]) == 0
    assert main(["kind", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "car /api/cars continuous",
        "court /api/courts interval slots of 1800 s",
        "lorry /api/lorries continuous",
        "truck /api/trucks continuous with an attributes schema",
    ]


def test_a_schema_that_is_not_given_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    assert main(["kind", "add", "truck", "trucks", "--schema", str(schema)]) == 0
    assert main(["kind", "add", "truck", "trucks"]) == 0
    assert main(["kind", "list"]) == 0
    assert "truck /api/trucks continuous with an attributes schema" in capsys.readouterr().out.splitlines()


def test_a_file_is_loaded_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kinds.toml"
    good = "[[kind]]\ncode = 'room'\nplural = 'rooms'\n"
    file.write_text(good + "[[kind]]\ncode = 'auto'\nplural = 'cars'\n")
    assert main(["kind", "load", str(file)]) == 1
    assert capsys.readouterr().err == "invsys: another kind has the plural 'cars'\n"
    main(["kind", "list"])
    assert "room" not in capsys.readouterr().out
    file.write_text(good)
    monkeypatch.setenv("INVSYS_KINDS_FILE", str(file))
    assert main(["migrate"]) == 0
    main(["kind", "list"])
    assert "room /api/rooms continuous" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "Court", "courts"],
        ["add", "court", "events"],
        ["add", "c", "cs", "--slot", "x"],
        ["add", "c", "cs", "--schema", "/dev/null"],
        ["load", "/nonexistent"],
    ],
)
def test_what_is_wrong_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kind", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("invsys: ")
    assert error.count("\n") == 1
