"""First wrong tries, and what is said to them. The exit status is that of usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moongate.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("", "one of run, check, routes"),
        ("serve", "no command is called 'serve'; did you mean moongate run?"),
        ("validate", "did you mean moongate check?"),
        ("chekc", "did you mean moongate check?"),
        ("gateway.yaml", "to serve this config: moongate run gateway.yaml"),
        ("help", "did you mean moongate --help?"),
        ("zzz", "there are run, check"),
        ("explain /api/cars", "write the method too, as in: moongate explain GET /api/cars"),
        ("explain GET /x gateway.yaml", "a config is named by an option here: --config gateway.yaml"),
        ("explain GET /x -f gateway.yaml", "a config is named with --config gateway.yaml"),
        ("can c1 GET /x -c gateway.yaml", "a config is named with --config gateway.yaml"),
        ("who-can GET /x gateway.yaml", "a config is named by an option here: --config gateway.yaml"),
        ("test --config gateway.yaml", "files of cases say themselves which config they are about"),
        ("reload gateway.yaml", "the running gateway knows where its config is"),
        ("diff --config gateway.yaml a.yaml b.yaml", "name two configs"),
        ("diff gateway.yaml", "name two configs"),
        ("check a.yaml b.yaml", "one config at a time"),
        ("routes --config gateway.yaml", "a config is named without an option: moongate routes gateway.yaml"),
        ("run --port 80", "say where to listen with --bind 127.0.0.1:80"),
        ("run -p", "--bind 127.0.0.1:8080"),
        ("run --workers x", "'x' is no number of processes from 0 to 1024; moongate run --help says what there is"),
        ("schema --nope", "moongate schema --help says what there is"),
    ],
)
def test_a_wrong_try_is_one_line_with_a_hint(
    config: Path, capsys: pytest.CaptureFixture[str], command: str, hint: str
) -> None:
    with pytest.raises(SystemExit) as raised:
        main(command.split())
    assert raised.value.code == 2
    said = capsys.readouterr().err
    assert hint in said
    assert said.count("\n") == 1


def test_a_config_given_as_cases(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "gateway.yaml"]) == 1
    assert "this is a config; its cases stand beside it" in capsys.readouterr().err


def test_help_is_still_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--help"])
    assert raised.value.code == 0
    assert "explain" in capsys.readouterr().out
