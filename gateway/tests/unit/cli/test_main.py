"""The command line: exit statuses, help, and a closed pipe."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module, metadata
from typing import TYPE_CHECKING

import pytest

from moongate.cli.main import COMMANDS, main
from moongate.proxy import exchange

if TYPE_CHECKING:
    from pathlib import Path


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--version"])
    assert raised.value.code == 0
    build = "" if str(exchange.__file__).endswith(".py") else " (compiled)"
    assert capsys.readouterr().out == f"moongate {metadata.version('moongate')}{build}\n"


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["run", "--no-such-option"]])
def test_wrong_usage_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert capsys.readouterr().err.startswith("moongate")


def test_a_wrong_config_exits_1_and_says_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("version: 2\nroute: []\n")
    assert main(["run", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        f"{path}:1:1: `routes` is missing",
        "    version: 2",
        "    ^",
        f"{path}:1:1: `services` is missing",
        "    version: 2",
        "    ^",
        f"{path}:1:10: version 2 is not known to this Moongate: write version: 1",
        "    version: 2",
        "             ^",
        f"{path}:2:1: unknown key `route`, did you mean `routes`?",
        "    route: []",
        "    ^",
        "4 problems",
    ]


@pytest.mark.parametrize(
    "command",
    ["check", "routes", "explain GET /", "can c1 GET /", "who-can GET /", "diff gateway.yaml gateway.yaml", "test"],
)
def test_a_program_gets_the_problems_of_a_refused_config(
    command: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text().replace("service: web", "service: wbe", 1))
    config.with_name("gateway_test.yaml").write_text("cases: [{request: GET /, expect: {route: site}}]\n")
    assert main([*command.split(), "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.err == ""
    (problem,) = json.loads(captured.out)["problems"]
    place = (problem["source"], problem["line"], problem["col"], problem["code"])
    assert place == ("gateway.yaml", 6, 49, "")
    assert problem["message"] == "no service is called 'wbe'; did you mean 'web'?"
    assert problem["excerpt"].startswith("  - {name: site, match:")


@pytest.mark.parametrize(
    ("command", "status", "source", "message"),
    [
        ("explain GET / --admin http://127.0.0.1:1", 1, "moongate explain", "no gateway answers at"),
        ("explain GET / -H x", 2, "moongate explain", "'x' is no header"),
        ("can c1 GET / --admin http://127.0.0.1:1", 1, "moongate can", "no gateway answers at"),
        ("who-can GET / --admin http://127.0.0.1:1", 1, "moongate who-can", "no gateway answers at"),
        ("reload --admin http://127.0.0.1:1", 1, "moongate reload", "no gateway answers at"),
        ("test", 1, "moongate test", "no file *_test.yaml here"),
        ("diff gateway.yaml gateway.yaml --replay absent", 1, "absent", "cannot be read: No such file"),
    ],
)
def test_a_program_gets_whatever_else_stands_in_the_way(
    command: str, status: int, source: str, message: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), "--json"]) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    (problem,) = json.loads(captured.out)["problems"]
    assert (problem["source"], problem["line"]) == (source, 0)
    assert problem["message"].startswith(message)


def test_every_command_has_its_module_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name, command in COMMANDS.items():
        module = import_module(f"moongate.cli.{command.module}")
        assert callable(module.run)
        with pytest.raises(SystemExit) as raised:
            main([name, "--help"])
        assert raised.value.code == 0
        assert command.summary in capsys.readouterr().out.replace("\n", " ")


def test_python_dash_m() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "moongate", "run", "no-such-file.yaml"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("no-such-file.yaml: no such file; to try the gateway without a config")


def test_a_closed_pipe_is_no_traceback(config: Path) -> None:
    lines = [f'  - {{name: r{n}, match: {{path: "/r{n}/{{k}}"}}, service: web}}\n' for n in range(3000)]
    config.write_text(config.read_text() + "".join(lines))
    command = [sys.executable, "-m", "moongate", "routes"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("ROUTE")
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_ctrl_c_is_no_traceback(config: Path) -> None:
    path = config.with_name("slow.py")
    path.write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "moongate", "check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
