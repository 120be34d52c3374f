"""`moongate diff`: settings, examples and recorded requests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from moongate.cli.main import main


@pytest.fixture
def new(config: Path) -> Path:
    path = config.with_name("new.yaml")
    path.write_text(config.read_text().replace(", methods: [GET]", "").replace("8000", "8001"))
    return path


def test_no_change(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(config), str(config)]) == 0
    assert capsys.readouterr().out == "no change in behaviour\n"


def test_settings_and_examples(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = config.with_name("new.yaml")
    other.write_text(config.read_text().replace('/api/{kind:cars|vans}/{id}", methods', '/api/cars/{id}", methods'))
    assert main(["diff", "gateway.yaml", "new.yaml"]) == 1
    assert capsys.readouterr().out == (
        "~ route car: path: /api/{kind:cars|vans}/{id} -> /api/cars/{id}\n"
        "requests that would end elsewhere (for example, since no request was recorded):\n"
        "> GET /api/cars/x -H 'x-beta: x': route beta, service cars -> route car, service cars\n"
    )


def test_what_comes_and_goes(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = config.with_name("new.yaml")
    other.write_text(config.read_text().replace("name: shop", "name: store"))
    main(["diff", "gateway.yaml", "new.yaml"])
    assert [line[:14] for line in capsys.readouterr().out.splitlines()] == [
        "- route shop: ",
        "+ route store:",
        "requests that ",
        "> GET http://s",
    ]


def test_json(config: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "gateway.yaml", "new.yaml", "--json"]) == 1
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert [(each["what"], each["key"].partition("[")[0]) for each in settings] == [
        ("service web", "targets"),
        ("service web", "targets"),
        ("route car", "methods"),
    ]


RECORDED = """\
{"method": "GET", "path": "/api/cars/7", "status": 200}
{"method": "POST", "url": "/api/cars/7"}
{"method": "POST", "url": "http://shop.example/api/cars/7"}
"""


def test_replay_prints_only_what_changes(config: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("log").write_text(RECORDED)
    assert main(["diff", "gateway.yaml", "new.yaml", "--replay", "log"]) == 1
    assert capsys.readouterr().out == (
        "> POST /api/cars/7: route site, service web -> route car, service cars\n1 of 3 requests would end elsewhere\n"
    )
    assert main(["diff", "gateway.yaml", "gateway.yaml", "--replay", "log", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"replayed": 3, "requests": [], "problems": []}


def test_replay_tells_wrong_lines(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("log").write_bytes(RECORDED.encode() + b"\xff\n")
    assert main(["diff", "gateway.yaml", "gateway.yaml", "--replay", "log"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "0 of 3 requests would end elsewhere\n"
    assert captured.err == "log:4:1: not JSON\n1 problem\n"
    assert main(["diff", "gateway.yaml", "gateway.yaml", "--replay", "log", "--json"]) == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert (told["replayed"], [each["message"] for each in told["problems"]], captured.err) == (3, ["not JSON"], "")
    assert main(["diff", "gateway.yaml", "gateway.yaml", "--replay", "absent"]) == 1
    assert capsys.readouterr().err == "absent: cannot be read: No such file or directory\n"
