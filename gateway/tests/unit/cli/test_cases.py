"""Finding files of cases, and the config they are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from moongate.cli.cases import cases_files, load_cases
from moongate.config import ConfigInvalid

CASES = "cases: [{request: GET /, expect: {route: site}}]\n"


def test_files_of_cases(config: Path) -> None:
    for name in ("b_test.yaml", "a_test.yaml", "other.yaml"):
        config.with_name(name).write_text(CASES)
    assert cases_files([]) == ["a_test.yaml", "b_test.yaml"]
    assert cases_files(["other.yaml", str(config.parent)]) == [
        "other.yaml",
        str(config.with_name("a_test.yaml")),
        str(config.with_name("b_test.yaml")),
    ]


def test_what_can_not_be_looked_at_is_read_and_says_why(config: Path) -> None:
    name = "a" * 300
    assert cases_files([name]) == [name]
    with pytest.raises(ConfigInvalid, match="cannot be read: File name too long"):
        load_cases(name)
    path = config.with_name("a_test.yaml")
    path.write_text(f"config: {name}\n{CASES}")
    with pytest.raises(ConfigInvalid, match="cannot be read: File name too long"):
        load_cases(str(path))


def test_the_config_stands_beside_the_cases(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = config.with_name("a_test.yaml")
    path.write_text(CASES)
    monkeypatch.chdir("/")
    loaded = load_cases(str(path))
    assert loaded.config_path == str(config)
    assert [route.name for route in loaded.snapshot.routes] == ["shop", "beta", "car", "site"]


def test_cases_bring_their_environment(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text(config.read_text().replace("http://127.0.0.1:8000", '"http://${WEB}:${PORT}"'))
    monkeypatch.setenv("WEB", "process")
    monkeypatch.setenv("PORT", "81")
    Path("a_test.yaml").write_text("environment: {WEB: cases}\n" + CASES)
    assert load_cases("a_test.yaml").snapshot.services["web"].targets[0].url == "http://cases:81"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: absent.yaml\n" + CASES, "absent.yaml: no such file"),
        ("cases: 5", "a_test.yaml:1:8: `cases` must be a list"),
    ],
)
def test_what_is_wrong(config: Path, text: str, message: str) -> None:
    Path("a_test.yaml").write_text(text)
    with pytest.raises(ConfigInvalid) as raised:
        load_cases("a_test.yaml")
    assert message in str(raised.value)


def test_an_absent_file(config: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"absent_test.yaml: cannot be read: No such file"):
        load_cases("absent_test.yaml")
