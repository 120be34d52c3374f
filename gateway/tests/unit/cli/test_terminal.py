"""What a person sees: problems with their line and a caret, nothing that steers the terminal."""

from __future__ import annotations

import io
import json

import pytest

from moongate.cli.terminal import MAX_SHOWN, complain_of, counted, say, say_json
from moongate.config import Problem


def test_a_problem_is_shown_with_its_line_and_a_caret(capsys: pytest.CaptureFixture[str]) -> None:
    complain_of([Problem("a.yaml", 2, 5, "wrong", "  a: b"), Problem("--to", 0, 0, "no URL")])
    assert capsys.readouterr().err == "a.yaml:2:5: wrong\n    a: b\n      ^\n--to: no URL\n2 problems\n"


def test_what_a_config_holds_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    complain_of([Problem("a.yaml", 1, 1, "bad \x1b[2J", "\x1b]0;title\x07: x")])
    assert capsys.readouterr().err == "a.yaml:1:1: bad ?[2J\n    ?]0;title?: x\n    ^\n1 problem\n"


def test_a_result_neither(capsys: pytest.CaptureFixture[str]) -> None:
    say("GET /\x1b[2J\udcff\n  is answered")
    assert capsys.readouterr().out == "GET /?[2J?\n  is answered\n"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_whatever_can_not_be_written_as_it_is_is_escaped(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding, "surrogateescape", write_through=True))
    say_json(["caf\u00e9", "\udcff"])
    assert json.loads(written.getvalue().decode(encoding)) == ["caf\u00e9", "\udcff"]
    if encoding == "ascii":
        say("caf\u00e9")
        assert written.getvalue().endswith(b"caf\\xe9\n")


def test_a_flood_of_problems_is_cut_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    complain_of([Problem("a.yaml", line, 1, "wrong") for line in range(1, 1001)])
    lines = capsys.readouterr().err.splitlines()
    assert lines[MAX_SHOWN:] == [f"... and {1000 - MAX_SHOWN} more", "1000 problems"]


def test_counted() -> None:
    assert [counted(number, "route") for number in (0, 1, 2)] == ["0 routes", "1 route", "2 routes"]
