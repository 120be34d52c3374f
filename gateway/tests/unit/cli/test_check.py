"""`moongate check`: errors and warnings, statuses, and JSON for pipes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from moongate.cli.main import main
from moongate.compile.lint import CODES

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_right_config_is_fine(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "gateway.yaml: fine (4 routes, 2 services)\n"


def test_warnings_are_told_with_their_code_until_silenced(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text()
    config.write_text(text.replace("services:\n", "services:\n  old: {targets: [http://127.0.0.1:9000]}\n"))
    assert main(["check", "gateway.yaml"]) == 1
    assert capsys.readouterr().err == (
        "gateway.yaml:3:3: no route goes to service 'old' [unused-service]\n"
        "    old: {targets: [http://127.0.0.1:9000]}\n"
        "    ^\n"
        "1 problem\n"
    )
    reason = "  # moongate: allow unused-service because it comes back in May"
    config.write_text(text.replace("services:\n", f"services:\n  old: {{targets: [http://127.0.0.1:9000]}}{reason}\n"))
    assert main(["check"]) == 0


def test_errors_as_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("version: 1\nservices: {a: {targets: [http://a]}}\nroutes: [{name: a, match: {}, service: b}]\n")
    assert main(["check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "problems": [
            {
                "source": "gateway.yaml",
                "line": 3,
                "col": 40,
                "message": "no service is called 'b'; known are 'a'",
                "excerpt": "routes: [{name: a, match: {}, service: b}]",
                "code": "",
            }
        ]
    }


def test_nothing_wrong_is_an_empty_list(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"problems": []}


def test_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--codes"]) == 0
    out = capsys.readouterr().out
    assert [code for code in CODES if f"{code} " not in out] == []
    assert "# moongate: allow CODE because REASON" in out
    assert main(["check", "--codes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == CODES


def test_ten_thousand_routes_take_less_than_five_seconds(config: Path) -> None:
    lines = [config.read_text()]
    lines += [f'  - {{name: r{n}, match: {{path: "/r{n}/{{k:a|b}}/**"}}, service: web}}\n' for n in range(10_000)]
    config.write_text("".join(lines))
    started = time.process_time()
    assert main(["check"]) == 0
    assert time.process_time() - started < 5
