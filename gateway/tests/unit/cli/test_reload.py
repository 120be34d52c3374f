"""`moongate reload` and `moongate explain --live` against a gateway that runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gateway_harness.gateway_process import OPERATED, GatewayProcess, one_service, running_gateway
from moongate.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    path = tmp_path_factory.mktemp("reload")
    with running_gateway(path, one_service("http://127.0.0.1:1"), workers=1, head=OPERATED) as gateway:
        yield gateway


def reload(gateway: GatewayProcess, *more: str) -> int:
    return main(["reload", "--admin", f"http://127.0.0.1:{gateway.admin_port}", *more])


def test_what_comes_of_it(gateway: GatewayProcess, capsys: pytest.CaptureFixture[str]) -> None:
    assert reload(gateway) == 0
    assert capsys.readouterr().out == "generation 1 serves this config already, and goes on\n"
    assert reload(gateway, "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["result"] == "unchanged"
    gateway.write_config("services: {}\nroutes: []\n")
    assert reload(gateway, "--dry-run") == 1
    err = capsys.readouterr().err
    assert "gateway.yaml:6:11: `services` is empty" in err
    assert "    services: {}\n              ^\n" in err
    assert err.endswith("moongate reload: refused, generation 1 goes on\n")
    assert reload(gateway, "--dry-run", "--json") == 1
    captured = capsys.readouterr()
    assert [each["line"] for each in json.loads(captured.out)["problems"]] == [6, 7]
    assert captured.err == ""


def test_nobody_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reload", "--admin", "http://127.0.0.1:1"]) == 1
    assert capsys.readouterr().err.startswith("moongate reload: no gateway answers at http://127.0.0.1:1: ")


def test_what_a_running_gateway_would_do_is_told_as_offline(
    gateway: GatewayProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("version: 1\n" + one_service("http://127.0.0.1:1"))
    admin = f"http://127.0.0.1:{gateway.admin_port}"
    asked = ["explain", "PUT", "http://a.test/x/../y", "-H", "X-A: b"]
    assert main([*asked, "--config", str(path)]) == 0
    offline = capsys.readouterr().out
    assert main([*asked, "--admin", admin]) == 0
    assert capsys.readouterr().out == offline
    assert main([*asked, "--admin", admin, "--config", str(path)]) == 2
    assert main(["explain", "GET", "/a", "--admin", "http://127.0.0.1:1"]) == 1
    assert "no gateway answers" in capsys.readouterr().err
